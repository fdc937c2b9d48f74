// Covers the page when nobody touched the tablet for two minutes, and ends the session with it.
// The device counts as well and ends the session by itself, whatever happens here.

const LOCK_MS = Number(document.body.dataset.lockMs || 0); // 0: nobody is signed in
const TOLD_MS = 5000; // the device hears of touches at most this often
const LOOK_MS = 500;
const AGAIN_MS = 5000;

let touchedAt = moments();
let toldAt = touchedAt;
let telling = 0;
let isCovered = false;

// Two clocks: the first stands still while some tablets sleep, the second may be set.
function moments() {
  return [performance.now(), Date.now()];
}

function since(then) {
  const now = moments();
  return Math.max(now[0] - then[0], now[1] - then[1]);
}

function touched() {
  if (isCovered) return;
  touchedAt = moments();
  if (since(toldAt) >= TOLD_MS) tell();
  else if (!telling) telling = setTimeout(tell, TOLD_MS - since(toldAt));
}

async function tell() {
  clearTimeout(telling);
  telling = 0;
  toldAt = moments();
  try {
    const answer = await post("/tablet/alive");
    if (answer.status === 401) lock();
  } catch {
    // The service is away; the page still covers itself in time.
  }
}

function post(path) {
  return fetch(path, {
    method: "POST",
    keepalive: true,
    headers: { "Content-Type": "application/json" },
    body: "{}",
  });
}

async function lock() {
  if (isCovered) return;
  isCovered = true;
  document.getElementById("app").replaceChildren();
  document.getElementById("app").hidden = true;
  document.getElementById("covered").hidden = false;
  await leave();
}

async function leave() {
  try {
    await post("/tablet/sign-out");
    location.replace("/tablet/");
  } catch {
    setTimeout(leave, AGAIN_MS);
  }
}

if (LOCK_MS) {
  for (const name of ["pointerdown", "keydown", "wheel"]) {
    addEventListener(name, touched, { passive: true, capture: true });
  }
  setInterval(() => since(touchedAt) >= LOCK_MS && lock(), LOOK_MS);
}
