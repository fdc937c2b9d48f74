// Looks again every few seconds and changes only what has changed, where nobody is working:
// a part with an open form, or with the focus in a field, is left as it is.

const EVERY_MS = 5_000;
const lost = document.querySelector("[data-lost]");
const parts = () => new Map([...document.querySelectorAll("[data-live]")].map((part) => [part.dataset.live, part]));

let isLooking = false;

async function look() {
  if (isLooking || document.hidden || !parts().size) return;
  isLooking = true;
  try {
    const answer = await fetch(location.href, { headers: { "X-Fleet-Poll": "1" }, cache: "no-store", redirect: "manual" });
    if (answer.type === "opaqueredirect") return location.reload(); // signed out meanwhile
    if (!answer.ok && answer.status !== 503) return;
    if (answer.status === 503) throw new Error("away");
    take(new DOMParser().parseFromString(await answer.text(), "text/html"));
    say(false);
  } catch {
    say(true);
  } finally {
    isLooking = false;
  }
}

function take(fresh) {
  const found = new Map([...fresh.querySelectorAll("[data-live]")].map((part) => [part.dataset.live, part]));
  const now = parts();
  // A page of another shape (a first device, a first refusal) is loaded whole, between two works.
  const isOther = [...found.keys()].join() !== [...now.keys()].join();
  if (isOther) {
    if (![...now.values()].some(isInUse)) location.reload();
    return;
  }
  for (const [name, part] of now) {
    const next = found.get(name);
    if (isInUse(part) || same(part, next)) continue;
    const focus = part.contains(document.activeElement) ? place(part, document.activeElement) : null;
    const open = [...part.querySelectorAll("details")].map((one) => one.open);
    part.className = next.className;
    part.replaceChildren(...next.childNodes);
    part.querySelectorAll("details").forEach((one, n) => { if (open[n] !== undefined) one.open = open[n]; });
    if (focus !== null) (part.querySelectorAll("a, button, summary, [tabindex]")[focus] || part).focus?.({ preventScroll: true });
  }
  const asOf = document.querySelector("[data-as-of]");
  const said = fresh.querySelector("[data-as-of]");
  if (asOf && said) asOf.textContent = said.textContent;
}

const same = (a, b) => tidy(a) === tidy(b) && a.className === b.className;
// What a person opened, and each form's own token, are no news.
const tidy = (part) => part.innerHTML.replaceAll(' open=""', "").replace(/name="csrf_token" value="[^"]*"/g, "").replaceAll(' hidden=""', "");
const place = (part, element) => [...part.querySelectorAll("a, button, summary, [tabindex]")].indexOf(element);

function isInUse(part) {
  return Boolean(part.querySelector("details.act[open]")) || (part.contains(document.activeElement) && document.activeElement.matches("input, select, textarea"));
}

function say(isLost) {
  document.documentElement.toggleAttribute("data-stale", isLost);
  const shown = document.querySelector("[data-lost]") || lost;
  if (shown) shown.hidden = !isLost;
}

setInterval(look, EVERY_MS);
document.addEventListener("visibilitychange", look);

// One decision is open at a time, and its first field has the focus.
document.addEventListener("toggle", (event) => {
  const act = event.target;
  if (!act.matches?.("details.act") || !act.open) return;
  for (const other of document.querySelectorAll("details.act[open]")) if (other !== act) other.open = false;
  act.querySelector("input:not([type=hidden]), button")?.focus();
}, true);
document.addEventListener("keydown", (event) => {
  const act = event.key === "Escape" && event.target.closest?.("details.act[open]");
  if (!act) return;
  act.open = false;
  act.querySelector("summary").focus();
});
