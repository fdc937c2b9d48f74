// Opens what htmx puts into the dialog, closes it, and gives the focus back to where it was.
// The browser's own <dialog> holds the focus inside and keeps the page behind it inert.

const dialog = document.getElementById("dialog");
const stage = document.getElementById("stage");
let opener = null;

export function closeDialog() {
  if (dialog.open) dialog.close();
}

function open() {
  if (!dialog.open) dialog.showModal();
  dialog.toggleAttribute("data-wide", Boolean(dialog.querySelector("[data-item]")));
  const first = dialog.querySelector("[autofocus]") || dialog.querySelector("[tabindex='-1']");
  if (first) first.focus({ preventScroll: true });
}

if (dialog) {
  // Who opened it: an element that may be repainted meanwhile, so its id is kept as well.
  document.addEventListener("htmx:beforeRequest", (event) => {
    const from = event.detail.elt;
    if (!dialog.open && event.detail.target === dialog) opener = { element: from, id: from.id };
  });

  const afterSwap = (event) => {
    if (event.detail.target !== dialog) return;
    if (dialog.childElementCount) open();
    else closeDialog();
  };
  document.addEventListener("htmx:afterSwap", afterSwap);
  document.addEventListener("htmx:oobAfterSwap", afterSwap);
  document.addEventListener("close-dialog", closeDialog);

  dialog.addEventListener("click", (event) => {
    if (event.target === dialog || event.target.closest("[data-close]")) closeDialog();
  });

  dialog.addEventListener("close", () => {
    dialog.replaceChildren();
    const back = opener && ((opener.element.isConnected && opener.element) || document.getElementById(opener.id));
    opener = null;
    const target = back || (stage || document).querySelector("h1");
    if (target) target.focus({ preventScroll: true });
  });
}
