// Counts how long nobody touched the screen: asks once, then forgets everything.
// The service counts as well and ends the visit a little later, whatever happens here.

const page = document.body.dataset;
const GUEST_MS = Number(page.guestMs || 0);
const PAIRED_MS = Number(page.pairedMs || GUEST_MS); // what is personal stays a shorter time
const ITEM_MS = Number(page.itemMs || GUEST_MS);
const WARN_MS = Math.max(20000, Number(page.warnMs || 0)); // never less time to answer than that
const DONE_MS = Number(page.doneMs || 0);
const TOLD_MS = 4000; // the service hears of touches at most this often; its grace is longer
const SAID_S = [20, 10, 5]; // a screen reader counts along at these only

const dialog = document.getElementById("dialog");
const idle = document.getElementById("idle");
let touchedAt = performance.now();
let toldAt = touchedAt;
let telling = 0;
let ending = false;
let saidAt = null;

function post(path, body) {
  return fetch(path, {
    method: "POST",
    keepalive: true,
    headers: { "Content-Type": "application/json", "X-CSRF-Token": page.csrf || "" },
    body: JSON.stringify(body),
  });
}

// Full navigation, so that nothing of the visit stays in this page's memory or in its history.
export async function end(reason) {
  if (ending) return;
  ending = true;
  document.body.classList.add("ending");
  try {
    // No visit yet: nothing to end, but a page to go to.
    await (page.csrf ? post("/kiosk/end", { reason }) : fetch("/healthz"));
    location.replace(page.home);
  } catch {
    forgetAlone();
  }
}

// The service is away: what is on the screen still has to go, and comes back when it does.
function forgetAlone() {
  const resting = document.getElementById("resting");
  if (resting) {
    resting.hidden = false;
    document.body.replaceChildren(resting);
  } else {
    document.body.replaceChildren();
  }
  document.body.classList.remove("ending");
  setInterval(async () => {
    try {
      if ((await fetch("/healthz")).ok) location.replace(page.home);
    } catch {
      // Still away: look again.
    }
  }, 5000);
}

// Something is read and composed, or a phone is being taken out.
function isComposing() {
  return Boolean(dialog && dialog.open && dialog.querySelector("[data-item], [data-patient]"));
}

function limit() {
  if (isComposing()) return ITEM_MS;
  return document.querySelector("[data-known]") ? PAIRED_MS : GUEST_MS;
}

async function tell() {
  telling = 0;
  toldAt = performance.now();
  const item = isComposing();
  try {
    const answer = await post("/kiosk/alive", { touched: true, item });
    if (answer.status === 410) location.replace(page.home);
  } catch {
    // The service is away for a moment; kiosk.js says so if it lasts.
  }
}

function touched() {
  touchedAt = performance.now();
  if (!page.csrf || telling) return;
  const wait = Math.max(0, TOLD_MS - (touchedAt - toldAt));
  telling = setTimeout(tell, wait);
}

function more() {
  saidAt = null;
  if (idle) idle.close();
  document.body.classList.remove("warning"); // kiosk-known.css blurs what is personal meanwhile
  touched();
}

function show(ring, left, whole) {
  ring.style.setProperty("--share", String(Math.max(0, left / whole)));
}

function warn(left) {
  const seconds = Math.ceil(left / 1000);
  if (!idle.open) {
    document.body.classList.add("warning");
    idle.showModal();
    document.getElementById("idle-more").focus();
  }
  document.getElementById("idle-left").textContent = seconds;
  document.getElementById("idle-words").textContent = seconds;
  show(idle.querySelector(".ring"), left, WARN_MS);
  if (SAID_S.includes(seconds) && saidAt !== seconds) {
    saidAt = seconds;
    const say = document.getElementById("idle-say");
    say.textContent = say.dataset.say.replace("SECONDS", seconds);
  }
}

function look() {
  if (ending) return;
  const quiet = performance.now() - touchedAt;
  if (DONE_MS) {
    const left = DONE_MS - quiet;
    document.getElementById("done-left").textContent = Math.max(0, Math.ceil(left / 1000));
    show(document.querySelector(".done-ring"), left, DONE_MS);
    if (left <= 0) end("done");
    return;
  }
  const whole = limit();
  if (quiet < whole) return;
  if (!idle) end("idle");
  else if (quiet >= whole + WARN_MS) end("idle");
  else warn(whole + WARN_MS - quiet);
}

if (GUEST_MS || DONE_MS) {
  for (const kind of ["pointerdown", "keydown", "wheel"]) {
    document.addEventListener(
      kind,
      (event) => {
        const isKept = DONE_MS && event.target.closest?.("[data-keep]"); // a button of its own
        if (DONE_MS && !isKept) end("touched");
        else if (!idle || !idle.open) touched();
        else if (event.type === "keydown" && event.key === "Escape") more();
      },
      { capture: true, passive: true },
    );
  }
  // Scrolling with a finger goes on after the pointer was taken over.
  document.addEventListener("scroll", () => idle && !idle.open && touched(), { capture: true, passive: true });
  if (idle) {
    document.getElementById("idle-more").addEventListener("click", more);
    document.getElementById("idle-end").addEventListener("click", () => end("asked"));
    idle.addEventListener("cancel", (event) => event.preventDefault());
  }
  // A code that was presented is a touch as well.
  document.addEventListener("somebody", more);
  setInterval(look, 500);
  look();
}
