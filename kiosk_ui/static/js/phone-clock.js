// The moment that codes and proofs are made for: the phone's own clock.
//
// A demo shop that would be closed lives at another hour of the day; its pages say so, and only then
// is the difference remembered, so that the code also works without the network.

const DIFFERENCE = "edge-demo-clock";
const page = document.body.dataset;

if (page.shopNow) localStorage.setItem(DIFFERENCE, Number(page.shopNow) - Date.now());
else if (page.page !== "shell") localStorage.removeItem(DIFFERENCE);

/** Return the present moment in milliseconds. */
export function now() {
  return Date.now() + Number(localStorage.getItem(DIFFERENCE) || 0);
}
