// The keys under the PIN, in place of a keyboard. Without this script the field takes the
// tablet's own.

const pin = document.getElementById("pin");
const pad = document.getElementById("pad");

function press({ target }) {
  const key = target.closest("button");
  if (!key) return;
  if ("clear" in key.dataset) pin.value = "";
  else if ("back" in key.dataset) pin.value = pin.value.slice(0, -1);
  else if (pin.value.length < pin.maxLength) pin.value += key.dataset.digit;
}

if (pad) {
  pad.hidden = false;
  pin.inputMode = "none"; // no keyboard over the keys
  pad.addEventListener("click", press);
  addEventListener("pagehide", () => (pin.value = ""));
}
