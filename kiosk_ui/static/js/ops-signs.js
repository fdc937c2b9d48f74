// What the head office may ask of an open page: to say which device it belongs to, to load anew.

let hiding = 0;

/** Answer on `source`, the page's stream of events. */
export function answerOps(source) {
  source.addEventListener("identify", (event) => identify(JSON.parse(event.data)));
  source.addEventListener("reload", () => location.replace(location.href));
}

/** Show the device's name and a number over whatever the page shows; both are nobody's words. */
function identify({ device, number, for_s: seconds }) {
  clearTimeout(hiding);
  document.querySelector(".device-sign")?.remove();
  const sign = document.createElement("div");
  sign.className = "device-sign";
  sign.setAttribute("role", "status");
  for (const text of [device, String(number)]) {
    const line = document.createElement("p");
    line.textContent = text;
    sign.append(line);
  }
  document.body.append(sign);
  hiding = setTimeout(() => sign.remove(), seconds * 1000);
}
