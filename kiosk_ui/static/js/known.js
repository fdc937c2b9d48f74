// Somebody is recognised here, or not any more. What is personal is taken off the page at once,
// before the service is asked for what stands there instead, and also when nobody tells us.

import { stream } from "./kiosk.js";

const page = document.body.dataset;
const stage = document.getElementById("stage");
const dialog = document.getElementById("dialog");
const PERSONAL = "[data-personal]";
const BEAT_MS = 15_000; // the service gives a sign of life every 10 s
const BREAK_MS = 3_000; // a stream that is away longer may have missed that somebody left
const LATE_MS = 5_000; // an answer that was under way when they left

let until = Infinity;
let signAt = performance.now();
let brokenAt = 0;
let neutralAt = -Infinity;
let again = 0;

const view = () => stage.querySelector("[data-view]").dataset.view;
const isKnown = () => document.querySelector("[data-known]") !== null;

// ---- what is personal goes -----------------------------------------------------------------

function drop() {
  until = Infinity;
  if (dialog && dialog.open && dialog.querySelector(PERSONAL)) dialog.close();
  for (const part of document.querySelectorAll(PERSONAL)) part.remove();
}

/** Paint the page anew, as it is for whoever stands here now; several calls make one. */
function paint() {
  clearTimeout(again);
  again = setTimeout(() => {
    if (!stage) location.assign(page.start);
    else {
      const section = document.getElementById("cards")?.dataset.section || "";
      const path = view() === "review" ? "/kiosk/review?by=live" : `/kiosk/menu?by=live&section=${encodeURIComponent(section)}`;
      window.htmx.ajax("GET", path, { target: "#stage" });
    }
  }, 60);
}

function neutral() {
  neutralAt = performance.now();
  if (!isKnown() && !document.querySelector(PERSONAL)) return;
  drop();
  paint();
}

function known() {
  document.dispatchEvent(new Event("somebody"));
  if (dialog && dialog.open && !dialog.querySelector("[data-item]")) dialog.close();
  paint();
}

/** Ask who is here: after a break nobody tells what was missed. */
async function look() {
  try {
    const answer = await fetch(`/kiosk/here?screen=${encodeURIComponent(page.screen)}`);
    if (!answer.ok || answer.redirected) return;
    const here = await answer.json();
    if (here.known && !isKnown()) known();
    else if (!here.known) neutral();
    if (Boolean(here.invited) !== Boolean(document.getElementById("invited"))) invited();
  } catch {
    // The service is away: the watch below takes off what is personal.
  }
}

function invited() {
  if (stage && !isKnown()) window.htmx.ajax("GET", `/kiosk/standing?view=${view()}`, { target: "#standing" });
}

/** Nobody may be able to tell us that they left: time, a lost stream and silence do it as well. */
function watch() {
  const now = performance.now();
  const isCut = brokenAt && now - brokenAt > BREAK_MS;
  if (isKnown() && (now >= until || isCut || now - signAt > BEAT_MS)) {
    drop();
    if (now >= until) paint();
  }
}

function settle() {
  const line = document.querySelector("[data-known]");
  until = line ? performance.now() + Number(line.dataset.leftMs) : Infinity;
  if (line && performance.now() - neutralAt < LATE_MS) look();
}

// ---- what a code was ----------------------------------------------------------------------

/** Act on what the service says of a code; `found` never holds the code itself. */
export function scanned(found) {
  if (found.scanned === "nothing") return;
  document.dispatchEvent(new Event("somebody"));
  if (found.scanned === "customer") known();
  else if (found.scanned === "refused") refused(found.refusal);
  else if (stage) open(`/kiosk/scanned/${encodeURIComponent(found.sku)}?view=${view()}`);
  else begin(found.sku);
}

function open(path) {
  window.htmx.ajax("GET", path, { target: "#dialog" });
}

function refused(reason) {
  const query = `screen=${encodeURIComponent(page.screen)}${page.lang ? `&lang=${page.lang}` : ""}`;
  if (dialog) open(`/kiosk/refused/${encodeURIComponent(reason)}?${query}`);
  else location.assign(`${page.start}&refused=${encodeURIComponent(reason)}`);
}

/** A product in somebody's hand begins a visit, where it opens. */
function begin(sku) {
  const form = document.createElement("form");
  form.method = "post";
  form.action = "/kiosk/start";
  const fields = { csrf_token: page.token, screen: page.screen, lang: page.lang, scanned: sku };
  for (const [name, value] of Object.entries(fields)) {
    const input = document.createElement("input");
    Object.assign(input, { type: "hidden", name, value });
    form.append(input);
  }
  document.body.append(form);
  form.submit();
}

// ---- the code for a phone runs out ---------------------------------------------------------

let counting = 0;

function count() {
  clearInterval(counting);
  const pair = document.getElementById("pair");
  if (!pair) return;
  const whole = 60_000;
  const end = performance.now() + Number(pair.dataset.leftMs);
  const tick = () => {
    const left = end - performance.now();
    if (!pair.isConnected) return clearInterval(counting);
    pair.querySelector(".ring").style.setProperty("--share", String(Math.max(0, left / whole)));
    document.getElementById("pair-left").textContent = Math.max(0, Math.ceil(left / 1000));
    if (left > 0) return undefined;
    for (const part of pair.querySelectorAll(".pair-live")) part.hidden = true;
    pair.querySelector(".pair-over").hidden = false;
    return clearInterval(counting);
  };
  tick();
  counting = setInterval(tick, 500);
}

// ---- begin ---------------------------------------------------------------------------------

function sign() {
  signAt = performance.now();
  brokenAt = 0;
}

stream.addEventListener("open", () => {
  sign();
  look();
});
stream.addEventListener("error", () => (brokenAt ||= performance.now()));
stream.addEventListener("beat", sign);
stream.addEventListener("known", known);
stream.addEventListener("neutral", neutral);
stream.addEventListener("invited", invited);
stream.addEventListener("scanned", (event) => scanned(JSON.parse(event.data)));

document.addEventListener("htmx:afterSwap", () => {
  settle();
  count();
});
if (dialog && dialog.dataset.open) {
  addEventListener("DOMContentLoaded", () => open(dialog.dataset.open));
  // Loaded again, the page must not open it again.
  const address = new URL(location.href);
  for (const name of ["scanned", "refused"]) address.searchParams.delete(name);
  history.replaceState(null, "", address);
}
document.getElementById("as-guest")?.addEventListener("click", (event) => {
  if (event.currentTarget.getAttribute("aria-pressed") === "true") document.querySelector(".tile").focus();
});
settle();
setInterval(watch, 500);
