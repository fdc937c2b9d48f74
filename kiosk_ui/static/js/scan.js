// A hand scanner is a keyboard that types very fast and ends with Enter. What it types is caught
// before any button hears of it, and goes to the service, which alone knows what it is.

import { scanned } from "./known.js";

const page = document.body.dataset;
const GAP_MS = 60; // between two keys of a scanner; a person needs longer
const BURST = 3; // so many fast keys are no person's any more; the next may be a space
const LEAST = 8;
const MOST = 512;
const SEPARATOR = "\u001d"; // GS1's, which scanners type as Ctrl+]

let typed = "";
let keyAt = -Infinity;
let isSending = false;

function character(event) {
  if (event.ctrlKey && event.key === "]") return SEPARATOR;
  return event.key.length === 1 && !event.ctrlKey && !event.altKey && !event.metaKey ? event.key : "";
}

function swallow(event) {
  event.preventDefault();
  event.stopImmediatePropagation();
}

function keydown(event) {
  if (event.key === "Shift" || event.key === "Control" || event.key === "CapsLock") return;
  const isFast = event.timeStamp - keyAt <= GAP_MS;
  const isBurst = isFast && typed.length >= BURST;
  if (event.key === "Enter") {
    if (isBurst) {
      swallow(event);
      send(typed);
    }
    typed = "";
    return;
  }
  const next = character(event);
  if (!next) {
    typed = "";
    return;
  }
  keyAt = event.timeStamp;
  typed = isFast ? (typed + next).slice(0, MOST + 1) : next;
  if (isBurst) swallow(event); // a space would press the button that has the focus
}

function keyup(event) {
  if (typed.length > BURST && event.timeStamp - keyAt <= GAP_MS) swallow(event);
}

async function send(text) {
  if (isSending || text.length < LEAST || text.length > MOST) return;
  isSending = true;
  try {
    const answer = await fetch("/kiosk/scan", {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRF-Token": page.csrf || page.token || "" },
      body: JSON.stringify({ text, screen: page.screen }),
    });
    if (answer.ok && !answer.redirected) scanned(await answer.json());
  } catch {
    // The service is away; kiosk.js says so when it lasts.
  } finally {
    isSending = false;
  }
}

document.addEventListener("keydown", keydown, { capture: true });
document.addEventListener("keyup", keyup, { capture: true });
