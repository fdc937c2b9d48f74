// The phone's own key: made here, sent once, then kept where no script can read its bytes.

const DATABASE = "edge-phone";
const KEYS = "keys";
const HELD = "beacon";
const KEY_BYTES = 32;

/** Whether this browser can hold a key at all (phone-early.js): over TLS, or on the machine itself. */
export function canHold() {
  return document.documentElement.dataset.key === "can";
}

/** Make a key: its bytes, to be sent once and then wiped, and the same key without bytes. */
export async function makeKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(KEY_BYTES));
  return { bytes, key: await importKey(bytes) };
}

/** Return a key of `bytes` that can derive and cannot be read. */
export function importKey(bytes) {
  return crypto.subtle.importKey("raw", bytes, "HKDF", false, ["deriveKey"]);
}

/** Keep `key` for the shop group `group`, in place of the one before it. */
export function keep(key, group) {
  return within("readwrite", (keys) => keys.put({ key, group }, HELD));
}

/** Return the held {key, group}, or undefined. */
export async function held() {
  if (!canHold()) return undefined;
  try {
    return await within("readonly", (keys) => keys.get(HELD));
  } catch {
    return undefined; // private browsing may refuse the database
  }
}

/** Delete the key. From here on nothing can be drawn from it. */
export async function forget() {
  if (canHold()) await within("readwrite", (keys) => keys.clear());
}

async function within(mode, act) {
  const database = await open();
  try {
    return await new Promise((done, failed) => {
      const transaction = database.transaction(KEYS, mode);
      const request = act(transaction.objectStore(KEYS));
      transaction.oncomplete = () => done(request.result);
      transaction.onabort = () => failed(transaction.error);
    });
  } finally {
    database.close();
  }
}

function open() {
  return new Promise((done, failed) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(KEYS);
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error);
  });
}
