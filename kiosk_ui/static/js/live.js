// One stream of events per page. A page keeps what it shows when the stream is lost: a dot in
// the corner after 30 s, and after 5 minutes a new page, but only when the service answers.

import { answerOps } from "./ops-signs.js";

const LOST_MS = 30_000;
const RELOAD_MS = 300_000;
const LOOK_MS = 5_000;
const AGAIN_MS = 3_000;

/**
 * Open the stream of `screen`. `handlers` are called by event name with the event's data;
 * `handlers.back` is called when the stream is there again after it was lost.
 */
export function connect(screen, handlers) {
  const root = document.documentElement;
  let source = null;
  let signAt = performance.now();
  let wasLost = false;

  const sign = () => {
    signAt = performance.now();
    delete root.dataset.link;
  };

  const open = () => {
    source = new EventSource(`/live?screen=${encodeURIComponent(screen)}`);
    source.addEventListener("open", () => {
      sign();
      if (wasLost) {
        wasLost = false;
        handlers.back?.();
      }
    });
    source.addEventListener("beat", sign);
    answerOps(source);
    for (const [name, handle] of Object.entries(handlers)) {
      if (name === "back") continue;
      source.addEventListener(name, (event) => {
        sign();
        handle(JSON.parse(event.data));
      });
    }
    source.addEventListener("error", () => {
      wasLost = true;
      // Refused (every place taken, or another service on this port): the browser gives up here.
      if (source.readyState === EventSource.CLOSED) setTimeout(open, AGAIN_MS);
    });
  };

  const look = async () => {
    const quiet = performance.now() - signAt;
    if (quiet > LOST_MS) root.dataset.link = "lost";
    if (quiet > RELOAD_MS && (await answers())) location.replace(location.href);
  };

  open();
  setInterval(look, LOOK_MS);
  addEventListener("pagehide", () => source?.close());
}

/** Whether the service answers; the only thing a page without a stream may find out. */
export async function answers() {
  try {
    return (await fetch("/healthz", { cache: "no-store" })).ok;
  } catch {
    return false;
  }
}

/** Call `done` with the milliseconds since `from` when what was changed is on the glass. */
export function afterPaint(from, done) {
  requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - from)));
}
