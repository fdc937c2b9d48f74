// A customer's card on the glass: it folds when nobody touches it, leaves with the customer's own
// token, and is in no history. Showing it is a recorded look, so nothing here asks for it again.

const LOOK_MS = 500;
const ASK_MS = 5000; // the stream tells at once; this is for a stream that is gone
const NOW = "/tablet/now";

let card = null; // { id, endsAt, foldMs, touchedAt, askedAt, isFolded }

/** Take charge of the card on the page, if there is one, and of the times that run down. */
export function settleCard() {
  const now = performance.now();
  for (const left of document.querySelectorAll("[data-countdown][data-left-ms]")) {
    left.endsAt = now + Number(left.dataset.leftMs);
  }
  const found = document.querySelector("[data-card]");
  if (!found) card = null;
  else if (card?.element !== found) card = taken(found, now);
}

function taken(element, now) {
  // Whoever comes back to this place, by "back" or by loading it again, finds the list.
  if (location.pathname.startsWith("/tablet/customer/")) history.replaceState(null, "", NOW);
  const countdown = element.querySelector("[data-countdown]");
  countdown.endsAt = now + Number(element.dataset.leftMs);
  queueMicrotask(customersChanged); // they may have left while the page was made
  return {
    element,
    id: element.dataset.card,
    endsAt: countdown.endsAt,
    foldMs: Number(element.dataset.foldMs),
    touchedAt: now,
    askedAt: now,
    isFolded: false,
  };
}

/** Ask whether the customer is still there. No answer is a no. */
export async function customersChanged() {
  const asked = card;
  if (!asked) return;
  asked.askedAt = performance.now();
  try {
    const answer = await fetch(`/tablet/customer/${encodeURIComponent(asked.id)}/lives`, {
      cache: "no-store",
    });
    if (answer.status === 204) return;
  } catch {
    // The service is away: nobody can say that the customer still wants this shown.
  }
  if (card === asked) gone();
}

function fold() {
  if (!card || card.isFolded) return;
  card.isFolded = true;
  document.getElementById("shown").replaceChildren();
  card.element.querySelector("h1").textContent = "";
  card.element.querySelector(".customer-head").hidden = true;
  document.getElementById("folded").hidden = false;
}

/** Full navigation, so that nothing of the customer stays in this page's memory. */
function gone() {
  strip();
  location.replace(NOW);
}

function strip() {
  card?.element.replaceChildren();
  card = null;
}

function look() {
  const now = performance.now();
  for (const left of document.querySelectorAll("[data-countdown]")) {
    if (left.endsAt) left.textContent = words(Math.max(0, left.endsAt - now));
  }
  if (!card) return;
  if (now >= card.endsAt) return gone();
  if (now - card.touchedAt >= card.foldMs) fold();
  if (now - card.askedAt >= ASK_MS) customersChanged();
}

function words(ms) {
  const seconds = Math.floor(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

function touched() {
  if (card) card.touchedAt = performance.now();
}

for (const name of ["pointerdown", "keydown", "wheel"]) {
  addEventListener(name, touched, { passive: true, capture: true });
}
document.addEventListener("visibilitychange", () => document.hidden && fold());
addEventListener("pagehide", strip);
setInterval(look, LOOK_MS);
