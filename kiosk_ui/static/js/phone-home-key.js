// The key that opens "My data" at home: derived from the phone's key, and no way back from it. The
// same bytes as edge/identity/home_key.py.
//
//   home key  HKDF-SHA256(phone's key, salt 32 zero bytes, "KB1-HOME" group), 32 bytes
//   home tag  HKDF-SHA256(home key, salt 32 zero bytes, "KB1-HOME-TAG"), 16 bytes
//   proof     P1 (phone-code.js) with the home key in place of the phone's, and group 0

import { ascii, be32, proof } from "./phone-code.js";

const NO_GROUP = 0;
const HEX_KEY = /^[0-9a-f]{64}$/;

/** Return the home key of what the phone holds, as text for an address. */
export async function homeKeyText({ key, group }) {
  const info = new Uint8Array([...ascii.encode("KB1-HOME"), ...be32(group)]);
  return hex(await derived(key, info, 256));
}

/** Return the 32 bytes of a home key out of `text`, or undefined: it holds none. */
export function homeKeyBytes(text) {
  if (!HEX_KEY.test(text)) return undefined;
  return Uint8Array.from(text.match(/../g), (pair) => Number.parseInt(pair, 16));
}

/** Return what central finds the holder of `homeKey` by, and a fresh proof that we hold it. */
export async function shown(homeKey, atMs) {
  return { who: await homeTag(homeKey), code: await proof({ key: homeKey, group: NO_GROUP }, atMs) };
}

/** Return the tag of a home key: the same for the same key. */
export async function homeTag(homeKey) {
  return hex(await derived(homeKey, ascii.encode("KB1-HOME-TAG"), 128));
}

async function derived(key, info, length) {
  const made = await crypto.subtle.deriveKey(
    { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(32), info },
    key,
    { name: "HMAC", hash: "SHA-256", length },
    true,
    ["sign"],
  );
  return new Uint8Array(await crypto.subtle.exportKey("raw", made));
}

function hex(bytes) {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
