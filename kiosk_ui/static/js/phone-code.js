// The code K1 that is drawn for a kiosk, and the proof P1 that is sent and never drawn, so that a
// photograph of a code opens nobody's data. The same bytes as edge/identity/codes.py and proof.py.
//
//   day key     HKDF-SHA256(key, salt 32 zero bytes, "KB1-DAY" group day), 16 bytes
//   rolling id  HMAC-SHA256(day key, "KB1-RID" interval), 8 bytes
//   K1, P1      version1 rolling id8 seconds4 nonce4 mac8, in base45 behind "K1:" or "P1:"

const DAY_S = 86_400;
const INTERVAL_S = 300;
const VERSION = 1;
const SHORT = 8;
const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
export const ascii = new TextEncoder();

/** Return the text of a code for the moment `atMs`; `nonce` is 4 bytes that are never used again. */
export function k1(heldKey, atMs, nonce) {
  return made("K1", "KB1-QR", heldKey, atMs, nonce);
}

/** Return the proof for the moment `atMs` that this phone holds the key. */
export function proof(heldKey, atMs, nonce) {
  return made("P1", "KB1-PROVE", heldKey, atMs, nonce);
}

async function made(name, context, { key, group }, atMs, nonce = random4()) {
  const seconds = Math.floor(atMs / 1000);
  const dayKey = await deriveDayKey(key, group, Math.floor(seconds / DAY_S));
  const interval = Math.floor(seconds / INTERVAL_S);
  const rollingId = await mac(dayKey, ascii.encode("KB1-RID"), be32(interval));
  const body = joined(Uint8Array.of(VERSION), rollingId, be32(seconds), nonce);
  return `${name}:${base45(joined(body, await mac(dayKey, ascii.encode(context), body)))}`;
}

/** Return the key of a day (days since 1970, UTC): it can make codes of that day only. */
export function deriveDayKey(key, group, day) {
  const info = joined(ascii.encode("KB1-DAY"), be32(group), be32(day));
  return crypto.subtle.deriveKey(
    { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(32), info },
    key,
    { name: "HMAC", hash: "SHA-256", length: 128 },
    false,
    ["sign"],
  );
}

/** RFC 9285: two bytes become three characters, a last single one two. */
export function base45(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; at += 2) {
    const isPair = at + 1 < bytes.length;
    let value = isPair ? bytes[at] * 256 + bytes[at + 1] : bytes[at];
    for (let count = isPair ? 3 : 2; count > 0; count -= 1) {
      text += ALPHABET[value % 45];
      value = Math.floor(value / 45);
    }
  }
  return text;
}

async function mac(key, ...parts) {
  const signed = await crypto.subtle.sign("HMAC", key, joined(...parts));
  return new Uint8Array(signed).slice(0, SHORT);
}

function random4() {
  return crypto.getRandomValues(new Uint8Array(4));
}

export function be32(value) {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

function joined(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
