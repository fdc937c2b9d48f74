// "Your data from home", on the phone's page in a shop: opens central's page with a key of its own.

import { homeKeyText } from "./phone-home-key.js";
import { held } from "./phone-key.js";

// The page's content is swapped when something is saved, so the listener is above it.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("#go-home");
  if (!button) return;
  const heldKey = await held();
  // Behind the #: browsers send that to no server.
  if (heldKey) location.assign(`${button.closest("[data-home]").dataset.home}#${await homeKeyText(heldKey)}`);
});
