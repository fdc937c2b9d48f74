// The small things a kiosk page does itself: marks where you are, reports what was really seen,
// hears of stock that changed, and says when the service rests.

import { answerOps } from "./ops-signs.js";

const page = document.body.dataset;
const stage = document.getElementById("stage");
const SEEN_SHARE = 0.5;
const SEEN_MS = 1000;
const REST_MS = 5000; // so long it tries again before it says that the screen rests

// htmx notes the present path there; between two visitors nothing may be left.
if (!stage) sessionStorage.clear();

document.addEventListener("contextmenu", (event) => event.preventDefault());
document.addEventListener("dragstart", (event) => event.preventDefault());
// Whatever the browser kept of a page is not shown again: the service says what is true now.
window.addEventListener("pageshow", (event) => event.persisted && location.reload());

function post(path, body) {
  return fetch(path, {
    method: "POST",
    keepalive: true,
    headers: { "Content-Type": "application/json", "X-CSRF-Token": page.csrf || "" },
    body: JSON.stringify(body),
  }).catch(() => undefined);
}

// ---- what was seen ----------------------------------------------------------------------

const waiting = new Map();
const seen = new Set();
const watcher = new IntersectionObserver(
  (entries) => {
    for (const { target, intersectionRatio } of entries) {
      const decision = target.dataset.decision;
      if (intersectionRatio >= SEEN_SHARE && !seen.has(decision) && !waiting.has(target)) {
        waiting.set(target, setTimeout(() => reportSeen(target), SEEN_MS));
      } else if (intersectionRatio < SEEN_SHARE && waiting.has(target)) {
        clearTimeout(waiting.get(target));
        waiting.delete(target);
      }
    }
  },
  { threshold: [0, SEEN_SHARE] },
);

function reportSeen(target) {
  waiting.delete(target);
  if (!target.isConnected || document.hidden) return;
  seen.add(target.dataset.decision);
  watcher.unobserve(target);
  post("/kiosk/seen", { decision: target.dataset.decision });
}

function watch() {
  for (const row of document.querySelectorAll("[data-decision]")) {
    if (!seen.has(row.dataset.decision)) watcher.observe(row);
  }
}

// ---- where you are ----------------------------------------------------------------------

function markTab(id) {
  for (const tab of document.querySelectorAll(".rail .tab")) {
    if (tab.dataset.tab === id) tab.setAttribute("aria-current", "true");
    else tab.removeAttribute("aria-current");
  }
}

function step(button) {
  const quantity = document.getElementById("quantity");
  quantity.value = Number(quantity.value) + Number(button.dataset.step);
  quantity.dispatchEvent(new Event("change", { bubbles: true }));
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-tab], [data-step]");
  if (!button) return;
  if (button.dataset.tab) markTab(button.dataset.tab);
  else step(button);
});

document.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.elt.closest("#avoid")) {
    const cards = document.getElementById("cards");
    if (cards) event.detail.parameters.section = cards.dataset.section;
  }
});

let focused = "";
document.addEventListener("htmx:beforeSwap", () => {
  focused = document.activeElement ? document.activeElement.id : "";
});

document.addEventListener("htmx:afterSwap", (event) => {
  const target = event.detail.target;
  if (target === stage) {
    const same = focused && document.getElementById(focused);
    const heading = stage.querySelector("h1");
    if (!document.querySelector("dialog[open]")) (same && stage.contains(same) ? same : heading).focus({ preventScroll: true });
  }
  if (target.id === "cards" || event.target.id === "cards") {
    const list = document.getElementById("list");
    if (list) list.scrollTo({ top: 0 });
    const title = document.getElementById("cards-title");
    if (title && document.activeElement === document.body) title.focus({ preventScroll: true });
  }
  watch();
});
document.addEventListener("htmx:oobAfterSwap", watch);
document.addEventListener("submit", (event) => {
  const language = event.target.closest("[data-language]");
  const view = stage && stage.querySelector("[data-view]");
  if (language && view) language.elements.view.value = view.dataset.view;
});

// ---- what changes by itself -------------------------------------------------------------

function stockChanged(skus) {
  const view = stage.querySelector("[data-view]").dataset.view;
  if (view === "review") {
    window.htmx.ajax("GET", "/kiosk/review?by=stock", { target: "#stage" });
    return;
  }
  const shown = skus.filter((sku) => document.getElementById(`card-${sku}`));
  const row = skus.some((sku) => document.querySelector(`#row [data-sku="${CSS.escape(sku)}"]`));
  const query = new URLSearchParams({ skus: shown.join(","), row: row ? "1" : "0" });
  window.htmx.ajax("GET", `/kiosk/stock?${query}`, { target: "#row", swap: "none" });
}

/** The page's one stream of events: of every visit, and before it where somebody may be recognised. */
export const stream =
  stage || page.recognises !== undefined
    ? new EventSource(`/live?screen=${encodeURIComponent(page.screen)}`)
    : null;

function listen() {
  stream.addEventListener("stock", (event) => stockChanged(JSON.parse(event.data).skus));
  stream.addEventListener("visit-over", () => post("/kiosk/alive", { touched: false }).then(leaveIfOver));
}

function leaveIfOver(answer) {
  if (answer && answer.status === 410) location.replace(page.home);
}

// ---- when the service rests -------------------------------------------------------------

let away = 0;

async function lookForService(since) {
  try {
    if ((await fetch("/healthz")).ok) {
      away = 0;
      document.getElementById("resting").hidden = true;
      return;
    }
  } catch {
    // Still away.
  }
  if (performance.now() - since >= REST_MS) document.getElementById("resting").hidden = false;
  away = setTimeout(lookForService, 1000, since);
}

function rest() {
  if (!away) away = setTimeout(lookForService, 500, performance.now());
}

// Outside a visit a touch loads a page, which would end in the browser's own error and stay there.
let isSure = false;

async function leaveIfThere(go) {
  await lookForService(performance.now() - REST_MS);
  if (away) return;
  isSure = true;
  go();
}

function holdBack() {
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (!link) return;
    event.preventDefault();
    if (!away) leaveIfThere(() => location.assign(link.href));
  });
  document.addEventListener("submit", (event) => {
    if (isSure) return;
    event.preventDefault();
    if (!away) leaveIfThere(() => event.target.requestSubmit(event.submitter));
  });
}

if (!stage && document.getElementById("resting")) holdBack();
if (stage) {
  document.addEventListener("htmx:sendError", rest);
  document.addEventListener("htmx:timeout", rest);
  document.addEventListener("htmx:responseError", rest);
  watch();
  listen();
}
if (stream) {
  answerOps(stream);
  window.addEventListener("pagehide", () => stream.close());
}
