// The service worker of /p/: keeps the shell and nothing else, and is asked only when the
// network does not answer. BUILD and SHELL stand above, put there by the service.

const NAME = `edge-phone-${BUILD}`;
const PAGE = SHELL[0];
const WAIT_MS = 4_000;

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches
      .open(NAME)
      .then((cache) => cache.addAll(SHELL))
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((n) => n !== NAME).map((n) => caches.delete(n))))
      .then(() => self.clients.claim()),
  );
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  const { pathname } = new URL(request.url);
  if (request.mode === "navigate") event.respondWith(pageOrShell(request));
  else if (SHELL.includes(pathname) && pathname !== PAGE) event.respondWith(kept(request));
});

async function pageOrShell(request) {
  const away = new AbortController();
  const timer = setTimeout(() => away.abort(), WAIT_MS);
  try {
    return await fetch(request, { signal: away.signal });
  } catch {
    return (await caches.match(PAGE)) ?? Response.error();
  } finally {
    clearTimeout(timer);
  }
}

async function kept(request) {
  return (await caches.match(request)) ?? fetch(request);
}
