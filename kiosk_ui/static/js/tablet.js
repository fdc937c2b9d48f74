// The tablet: hears of calls for help and of customers, lets an undo run out, says what was seen.

import { afterPaint, connect } from "./live.js";
import { customersChanged, settleCard } from "./tablet-card.js";
import "./tablet-lock.js";

const screenId = document.body.dataset.screen;
const NOW = "/tablet/now?by=live"; // not a touch: it keeps nobody signed in

/** Load the present page again, in place; only where nobody is in the middle of something. */
function refresh() {
  const tab = document.getElementById("app")?.dataset.tab;
  if (!tab) return; // covered
  if (tab !== "now") return badge();
  return window.htmx.ajax("GET", NOW, { target: "#app", select: "#app", swap: "outerHTML" });
}

/** Elsewhere only the count beside "Now" changes. */
async function badge() {
  const answer = await fetch(NOW, { cache: "no-store" });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const found = page.getElementById("tab-now");
  if (found) document.getElementById("tab-now")?.replaceChildren(...found.childNodes);
}

function settle() {
  const toast = document.querySelector(".toast");
  if (toast) setTimeout(() => toast.remove(), Number(toast.dataset.leftMs));
  const decision = document.querySelector("[data-decision]")?.dataset.decision;
  if (decision) afterPaint(performance.now(), () => seen(decision));
  settleCard();
}

function seen(decision) {
  fetch("/tablet/painted", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ decision_id: decision }),
  }).catch(() => {}); // the associate does not wait for the record
}

/** Somebody came to a screen or left one. */
function customers() {
  if (document.querySelector("[data-card]")) customersChanged();
  else if (document.getElementById("app")?.dataset.tab === "now") refresh();
}

function back() {
  refresh();
  customersChanged();
}

document.addEventListener("htmx:afterSettle", settle);
settle();
if (screenId) connect(screenId, { help: refresh, customers, back });
