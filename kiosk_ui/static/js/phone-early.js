// Before anything is painted: whether scripts run here, and whether this browser can hold a key.
// What is written for browsers that cannot is hidden from the others, and comes back if the rest
// of the scripts does not arrive. Touches that come before it are not lost.

const root = document.documentElement;
root.dataset.scripts = "on";
if (globalThis.isSecureContext && globalThis.crypto?.subtle && globalThis.indexedDB) {
  root.dataset.key = "can";
}

addEventListener(
  "error",
  (event) => {
    if (event.target instanceof HTMLScriptElement) delete root.dataset.key;
  },
  { capture: true },
);

// A yes waits for the script that makes the key; phone.js takes it up.
document.addEventListener("submit", (event) => {
  if (event.submitter?.value !== "yes" || root.dataset.listens || !root.dataset.key) return;
  event.preventDefault();
  root.dataset.waits = "yes";
});

document.addEventListener("change", (event) => {
  event.target.form?.closest("[data-autosave]")?.requestSubmit();
});
