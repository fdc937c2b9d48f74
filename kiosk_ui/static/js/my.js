// "My data" at home, served by central: takes a key out of the address, asks before it keeps it,
// and proves with it whose data to open. The key never goes to the server.

import { homeKeyBytes, homeTag, shown } from "./phone-home-key.js";
import { canHold, forget, held, importKey, keep } from "./phone-key.js";

const root = document.documentElement;
const page = document.body.dataset;
const MY = 0; // phone-key.js keeps a key with its group; this one needs none
const WAITS_S = [4, 6, 8, 10, 12, 14]; // about a minute, and fewer tries than one may have in it
const byId = (id) => document.getElementById(id);

/** Show one of the sections of the first page, and its heading to whoever listens. */
function showOnly(id) {
  for (const section of document.querySelectorAll("[data-only]")) section.hidden = section.id !== id;
  byId(id).querySelector("h1").focus({ preventScroll: true });
}

function say(words) {
  const problem = byId("problem");
  problem.textContent = words;
  problem.hidden = !words;
}

/** Take the key out of the address at once, also out of what "back" leads to. */
function keyInAddress() {
  const text = location.hash.slice(1);
  if (text) history.replaceState(null, "", location.pathname + location.search);
  const bytes = homeKeyBytes(text);
  return { wasThere: Boolean(text), bytes };
}

/** Prove who it is. What was allowed in the shop a moment ago may still be on its way: then wait. */
async function prove(homeKey, waits = []) {
  say("");
  byId("on-its-way").hidden = true;
  showOnly("opening");
  for (const waitS of waits) {
    const isOver = await tryOnce(homeKey, (said) => said.refusal !== "unknown");
    if (isOver) return;
    byId("on-its-way").hidden = false;
    await new Promise((go) => setTimeout(go, waitS * 1000));
  }
  await tryOnce(homeKey, () => true);
}

/** Return whether it is over: the page opened, or why not was said. */
async function tryOnce(homeKey, isLast) {
  try {
    const answer = await fetch("/my/prove", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(await shown(homeKey, Date.now())),
    });
    const said = await answer.json();
    if (said.next) {
      location.replace(said.next);
      return true;
    }
    if (!isLast(said)) return false;
    say(said.words ?? said.problem);
  } catch {
    root.dataset.link = "lost";
  }
  showOnly("held");
  return true;
}

async function isHeldAlready(key, before) {
  return Boolean(before) && (await homeTag(before.key)) === (await homeTag(key));
}

async function first() {
  const { wasThere, bytes } = keyInAddress();
  if (!canHold()) return;
  const before = await held();
  listen();
  if (bytes) {
    const key = await importKey(bytes);
    bytes.fill(0);
    if (!(await isHeldAlready(key, before))) return ask(key, before);
  } else if (wasThere) {
    say(byId("problem").dataset.broken);
  }
  if (!before) return showOnly("none");
  // Once: a browser without cookies would come back here for ever.
  return "heldBack" in page ? showOnly("held") : prove(before.key);
}

function ask(key, before) {
  byId("replaces").hidden = !before;
  showOnly("ask");
  byId("keep").addEventListener("click", async () => {
    await keep(key, MY);
    await prove(key, WAITS_S);
  });
  byId("not-mine").addEventListener("click", () => showOnly(before ? "held" : "none"));
}

function listen() {
  byId("again").addEventListener("click", async () => {
    const now = await held();
    if (now) await prove(now.key);
  });
  byId("delete-key").addEventListener("click", async () => {
    await forget();
    say("");
    showOnly("none");
  });
}

document.addEventListener("htmx:responseError", () => location.reload());
document.addEventListener("htmx:sendError", () => {
  root.dataset.link = "lost";
});
addEventListener("offline", () => {
  root.dataset.link = "lost";
});
addEventListener("online", () => delete root.dataset.link);
// A page that comes back out of memory would show what is no longer so.
addEventListener("pageshow", (event) => event.persisted && location.reload());
// A link that is opened in the same tab changes the part behind the # only.
if (page.page === "my") addEventListener("hashchange", () => location.hash && location.reload());

if ("forget" in page) await forget();
if (page.page === "my") await first();
root.dataset.done = "ready";
