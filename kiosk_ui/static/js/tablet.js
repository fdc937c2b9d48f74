// The tablet: hears of calls for help, lets an undo run out, says which suggestions were seen.

import { afterPaint, connect } from "./live.js";

const screenId = document.body.dataset.screen;

/** Load the present page again, in place; only where nobody is in the middle of something. */
function refresh() {
  const app = document.getElementById("app");
  if (app.dataset.tab !== "now") return badge();
  return window.htmx.ajax("GET", "/tablet/now", { target: "#app", select: "#app", swap: "outerHTML" });
}

/** Elsewhere only the count beside "Now" changes. */
async function badge() {
  const answer = await fetch("/tablet/now", { cache: "no-store" });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  document.getElementById("tab-now").replaceChildren(...page.getElementById("tab-now").childNodes);
}

function settle() {
  const toast = document.querySelector(".toast");
  if (toast) setTimeout(() => toast.remove(), Number(toast.dataset.leftMs));
  const decision = document.querySelector("[data-decision]")?.dataset.decision;
  if (decision) afterPaint(performance.now(), () => seen(decision));
}

function seen(decision) {
  fetch("/tablet/painted", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ decision_id: decision }),
  }).catch(() => {}); // the associate does not wait for the record
}

document.addEventListener("htmx:afterSettle", settle);
settle();
if (screenId) connect(screenId, { help: refresh, back: refresh });
