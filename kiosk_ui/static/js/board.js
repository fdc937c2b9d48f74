// The board: takes the newest fragment, replaces the regions that changed, says what it painted.

import { afterPaint, connect } from "./live.js";

const STEPS = 8;
const body = document.body;
const root = document.documentElement;
const screenId = body.dataset.screen;
const build = document.querySelector('meta[name="build"]').content;
const stateUrl = `/board/${encodeURIComponent(screenId)}/state${location.search}`;
const fade = matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 180;

let newest = Number(body.dataset.revision);
let service = body.dataset.service;
let turn = Promise.resolve();

/** Show `state` after those before it. Of one service an older one than what is shown is left
    out; another service (after a restart) counts anew. */
function show(state) {
  if (state.build !== build) {
    location.replace(location.href);
    return;
  }
  turn = turn.then(() => replace(state)).catch((error) => console.warn("board kept", error));
}

async function replace(state) {
  if (state.service === service && state.rev <= newest) return;
  const started = performance.now();
  const template = document.createElement("template");
  template.innerHTML = state.html;
  const board = document.querySelector(".board");
  const next = template.content.querySelector(".board");
  await decoded(next);
  const hero = changedHero(board, next);
  if (hero) await faded(hero);
  exchange(board, next);
  newest = state.rev;
  service = state.service;
  fit();
  painted(state, started);
}

/** Wait for the pictures, so that no region is ever shown without its picture. */
async function decoded(next) {
  const pictures = [...next.querySelectorAll("img[src]")].map((img) => {
    // What is not in the page yet loads nothing itself; what the page has loaded shows at once.
    const ahead = new Image();
    ahead.src = img.getAttribute("src");
    return ahead.decode();
  });
  await Promise.allSettled(pictures);
}

function changedHero(board, next) {
  const [old, fresh] = [board, next].map((each) => each.querySelector('[data-region="hero"]'));
  return old && fresh && old.dataset.hash !== fresh.dataset.hash ? old : null;
}

function faded(hero) {
  if (!fade) return null;
  hero.classList.add("is-leaving");
  return new Promise((done) => setTimeout(done, fade));
}

/** Make `board` what `next` is, touching only the regions whose content differs. */
function exchange(board, next) {
  const shown = new Map([...board.children].map((each) => [each.dataset.region, each]));
  const regions = [...next.children].map((fresh) => {
    const old = shown.get(fresh.dataset.region);
    return old && old.dataset.hash === fresh.dataset.hash ? old : fresh;
  });
  board.className = next.className;
  for (const name of ["tier", "until"]) board.dataset[name] = next.dataset[name];
  const isSame =
    regions.length === board.children.length && regions.every((r, i) => r === board.children[i]);
  if (!isSame) board.replaceChildren(...regions);
}

/** Set the words smaller, step by step, until nothing is cut off. */
function fit() {
  const board = document.querySelector(".board");
  for (let step = 0; step <= STEPS; step += 1) {
    board.dataset.fit = String(step);
    if (!isCut(board)) return;
  }
}

function isCut(board) {
  // Half a hundredth of the short side, so that 1080p and 4K take the same step.
  const spare = Math.max(1, Math.min(innerWidth, innerHeight) / 200);
  const isOver = (box) =>
    box.scrollHeight > box.clientHeight + spare || box.scrollWidth > box.clientWidth + spare;
  const boxes = board.querySelectorAll(".menu, .column, .hero, .hero .words, .name");
  return isOver(board) || [...boxes].some(isOver);
}

function painted(state, started) {
  afterPaint(started, (ms) => {
    root.dataset.painted = String(state.rev);
    fetch(`/board/${encodeURIComponent(screenId)}/painted`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ rev: state.rev, hash: state.hash, ms: Math.round(ms) }),
    }).catch(() => {}); // the next revision tries again; the screen does not wait
  });
}

async function refetch() {
  try {
    const answer = await fetch(stateUrl, { cache: "no-store" });
    if (answer.ok) show(await answer.json());
  } catch {
    // Away again: what is on the screen stays.
  }
}

/** A lost board must not call breakfast what is lunch by now. */
function lookAtTheHour() {
  const until = Number(document.querySelector(".board").dataset.until);
  root.toggleAttribute(
    "data-stale",
    root.dataset.link === "lost" && until > 0 && Date.now() > until,
  );
}

async function start() {
  const started = performance.now();
  await document.fonts.ready;
  await decoded(document);
  fit();
  painted({ rev: newest, hash: body.dataset.hash }, started);
  const isFirstLanguage = !location.search;
  connect(screenId, {
    board: (state) => (isFirstLanguage ? show(state) : refetch()),
    back: refetch,
  });
  setInterval(lookAtTheHour, 5_000);
  addEventListener("resize", fit);
  // What changed between the page and its stream.
  refetch();
}

start();
