// The card: draws the code, draws a new one every 15 seconds, and keeps the screen awake.

import qrcode from "../vendor/qrcode-generator.js";
import { now } from "./phone-clock.js";
import { k1 } from "./phone-code.js";

const FRESH_MS = 15_000;
const QUIET = 4; // modules of white around a code, without which readers do not see it
const VERSION = 3;
const SVG = "http://www.w3.org/2000/svg";

let drawnAt = 0;

/** Show the card and keep it fresh until the page is left, or until what is returned is called. */
export async function showCard(heldKey) {
  const card = document.getElementById("card");
  const awake = () => {
    if (document.hidden) return;
    refresh(heldKey); // a phone that slept shows an old code
    stayAwake();
  };
  card.hidden = false;
  await refresh(heldKey);
  const timer = setInterval(() => tick(heldKey), 1000);
  document.addEventListener("visibilitychange", awake);
  stayAwake();
  return () => {
    clearInterval(timer);
    document.removeEventListener("visibilitychange", awake);
    document.getElementById("code").replaceChildren();
    card.hidden = true;
  };
}

function tick(heldKey) {
  const age = Date.now() - drawnAt;
  // A clock that was put back makes it negative.
  if (age >= FRESH_MS || age < 0) refresh(heldKey);
  else sayLeft(FRESH_MS - age);
}

async function refresh(heldKey) {
  drawnAt = Date.now();
  draw(await k1(heldKey, now()));
  sayLeft(FRESH_MS);
}

function sayLeft(ms) {
  const left = document.getElementById("code-left");
  left.textContent = left.dataset.words.replace("SECONDS", Math.ceil(ms / 1000));
}

/** Draw `text` as version 3-M, alphanumeric: 29 modules, dark on white. */
function draw(text) {
  const code = qrcode(VERSION, "M");
  code.addData(text, "Alphanumeric");
  code.make();
  const count = code.getModuleCount();
  let path = "";
  for (let row = 0; row < count; row += 1) {
    for (let column = 0; column < count; column += 1) {
      if (code.isDark(row, column)) path += `M${column + QUIET} ${row + QUIET}h1v1h-1z`;
    }
  }
  document.getElementById("code").replaceChildren(picture(count + 2 * QUIET, path));
}

function picture(size, path) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", `0 0 ${size} ${size}`);
  svg.setAttribute("shape-rendering", "crispEdges");
  svg.setAttribute("aria-hidden", "true");
  const ground = document.createElementNS(SVG, "rect");
  ground.setAttribute("width", size);
  ground.setAttribute("height", size);
  ground.setAttribute("fill", "#fff");
  const modules = document.createElementNS(SVG, "path");
  modules.setAttribute("d", path);
  modules.setAttribute("fill", "#000");
  svg.append(ground, modules);
  return svg;
}

/** A screen that goes dark in the hand is not read. Not every browser can, and none must. */
async function stayAwake() {
  try {
    await navigator.wakeLock?.request("screen");
  } catch {
    // Refused, as with a low battery: the shopper touches the screen now and then.
  }
}
