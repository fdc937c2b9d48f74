// The demo's hand: holds the phone's code before the kiosk's camera. A shop has no such button.

import { now } from "./phone-clock.js";
import { k1 } from "./phone-code.js";

/** Let the button hold a fresh code of `heldKey` before the camera. */
export function listenForHand(heldKey) {
  const button = document.getElementById("demo-hold");
  if (!button) return;
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      await fetch("/p/demo/hold", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ code: await k1(heldKey, now()) }),
      });
    } finally {
      setTimeout(() => {
        button.disabled = false;
      }, 3000); // a picture is held so long
    }
  });
}
