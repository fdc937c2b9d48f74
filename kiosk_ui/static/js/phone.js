// The phone's pages: makes the key with the first yes, shows the card, proves itself, forgets.

import { showCard } from "./phone-card.js";
import { now } from "./phone-clock.js";
import { proof } from "./phone-code.js";
import { listenForHand } from "./phone-demo.js";
import { canHold, forget, held, keep, makeKey } from "./phone-key.js";

const page = document.body.dataset;
const root = document.documentElement;
const group = Number(page.group);
const LOOK_MS = 5_000;
const LOOKS_FOR_MS = 120_000; // looking counts as a visit, so it ends when nobody touches the page
const SHELL = "/p/shell";
const CACHE = "edge-phone";

const byId = (id) => document.getElementById(id);

function show(id, isShown = true) {
  const element = byId(id);
  if (element) element.hidden = !isShown;
}

function say(words) {
  const problem = byId("problem");
  if (!problem) return;
  problem.textContent = words;
  problem.hidden = false;
  problem.scrollIntoView({ block: "center" });
}

async function post(path, body) {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  return answer.json();
}

// ---- consent ------------------------------------------------------------------------------

function hex(bytes) {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function consent(form) {
  const { bytes, key } = await makeKey();
  const before = await held();
  // Kept before it is sent: a key that is known there and lost here would lead nowhere.
  await keep(key, group);
  try {
    const answer = await post("/p/consent", {
      answer: "yes",
      purposes: [...form.querySelectorAll('[name="purpose"]:checked')].map((box) => box.value),
      over_age: form.elements.over_age.checked,
      proof: form.elements.proof.value,
      beacon_key: hex(bytes),
    });
    if (answer.next) return location.assign(answer.next);
    say(answer.problem);
  } catch {
    root.dataset.link = "lost";
  } finally {
    bytes.fill(0);
  }
  // Not taken: the key is worth nothing.
  return before ? keep(before.key, before.group) : forget();
}

function listenForConsent(form) {
  form.addEventListener("submit", (event) => {
    if (event.submitter?.value !== "yes") return;
    event.preventDefault();
    event.submitter.disabled = true;
    consent(form)
      .catch(() => form.requestSubmit(form.querySelector('[value="no"]')))
      .finally(() => {
        event.submitter.disabled = false;
      });
  });
  root.dataset.listens = "yes";
  if (root.dataset.waits) form.requestSubmit(form.querySelector('[value="yes"]'));
}

// ---- a phone that holds a key ---------------------------------------------------------------

/** Show that we hold the key; on success go where the service says, or to `then`. */
async function prove(heldKey, then) {
  try {
    const answer = await post("/p/prove", { code: await proof(heldKey, now()) });
    if (answer.next) location.replace(then || `${answer.next}?proved=1`);
    return answer;
  } catch {
    root.dataset.link = "lost";
    return {};
  }
}

async function deleteKey() {
  await forget();
  await Promise.all((await caches.keys()).map((name) => caches.delete(name)));
}

async function startPage(heldKey) {
  const hideCard = await showCard(heldKey);
  show("with-key");
  show("enter", page.page === "shell" ? false : !heldKey);
  byId("open-data").addEventListener("click", async () => {
    const answer = await prove(heldKey, "/p/me");
    if (answer.words) say(answer.words);
  });
  byId("delete-key").addEventListener("click", async () => {
    hideCard();
    await deleteKey();
    delete root.dataset.held;
    show("with-key", false);
    show("key-deleted");
    show("enter");
  });
  // Once: a browser without cookies would come back here for ever.
  const isOnce = !new URLSearchParams(location.search).has("proved");
  if (page.page === "start" && !("heldBack" in page) && isOnce) {
    const answer = await prove(heldKey);
    if (answer.words) say(answer.words);
    if (answer.refusal) show("enter");
  }
}

// ---- the link to a screen --------------------------------------------------------------------

let touchedAt = performance.now();

async function lookAtLink() {
  if (document.hidden || performance.now() - touchedAt > LOOKS_FOR_MS) return;
  const part = byId("link");
  const was = part.querySelector("[data-linked]")?.dataset.linked ?? page.was ?? "";
  page.was = was;
  try {
    const answer = await fetch(`/p/link?was=${encodeURIComponent(was)}`, { cache: "no-store" });
    delete root.dataset.link;
    if (!answer.ok) return;
    const fresh = document.createElement("div");
    fresh.innerHTML = await answer.text();
    const words = (of) => [of.textContent.replace(/\s+/g, " ").trim(), of.querySelectorAll("form").length].join();
    // The same words: left alone, so that a finger on a button finds it there.
    if (words(fresh) !== words(part)) part.replaceChildren(...fresh.childNodes);
  } catch {
    root.dataset.link = "lost";
  }
}

function watchLink() {
  for (const kind of ["pointerdown", "keydown", "visibilitychange"]) {
    document.addEventListener(kind, () => {
      touchedAt = performance.now();
    });
  }
  setInterval(lookAtLink, LOOK_MS);
}

// ---- my data ---------------------------------------------------------------------------------

// The page says what is true now; a change that was refused is not left standing.
document.addEventListener("htmx:responseError", () => location.reload());
document.addEventListener("htmx:sendError", () => {
  root.dataset.link = "lost";
});

// ---- without a network -----------------------------------------------------------------------

async function keepShell() {
  if (!navigator.serviceWorker) return;
  await navigator.serviceWorker.register("/p/worker.js", { scope: "/p/" });
  await navigator.serviceWorker.ready;
  // In the language of today.
  const kept = (await caches.keys()).filter((name) => name.startsWith(CACHE));
  await Promise.all(kept.map(async (name) => (await caches.open(name)).add(SHELL)));
}

async function dropShell() {
  const workers = (await navigator.serviceWorker?.getRegistrations()) ?? [];
  await Promise.all(workers.map((worker) => worker.unregister()));
}

async function start() {
  addEventListener("offline", () => {
    root.dataset.link = "lost";
  });
  addEventListener("online", () => delete root.dataset.link);
  // A page that comes back out of memory would show what is no longer so.
  addEventListener("pageshow", (event) => event.persisted && location.reload());
  if ("forget" in page) {
    await deleteKey();
    await dropShell();
    root.dataset.done = "forgotten";
    return;
  }
  const heldKey = await held();
  root.toggleAttribute("data-held", Boolean(heldKey));
  if (page.page === "shell") root.dataset.link = "lost";
  if (page.page === "consent") {
    if (canHold()) listenForConsent(byId("consent"));
    // Known already, and the kiosk's code was scanned: no need to ask again.
    if (heldKey) await prove(heldKey);
  }
  if (page.page === "card") {
    watchLink();
    if (heldKey) {
      await showCard(heldKey);
      listenForHand(heldKey);
    }
    else delete root.dataset.key;
  }
  if ((page.page === "start" || page.page === "shell") && heldKey) await startPage(heldKey);
  // Without a network what was kept stays.
  if (heldKey) await keepShell().catch(() => {});
  root.dataset.done = "ready";
}

start();
