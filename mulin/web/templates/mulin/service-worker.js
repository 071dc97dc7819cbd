{% load mulin_web %}// Keeps one thing on the device: a page that says there is no network, with its style sheet. Never a page about
// a person, never an answer of the API.
const KEPT = {{ kept|json_for_script }};
const CACHE = "mulin-offline-" + [KEPT.offline, ...KEPT.files].join("|");
const { pathname: offlinePath } = new URL(KEPT.offline, self.location);

self.addEventListener("install", (event) => {
  const requests = [offlinePath, ...KEPT.files].map((url) => new Request(url, { credentials: "omit", cache: "reload" }));
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(requests)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const removeOld = caches.keys().then((names) => Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name))));
  event.waitUntil(removeOld.then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  if (request.mode === "navigate") {
    event.respondWith(fetch(request).catch(() => caches.match(offlinePath)));
  } else if (KEPT.files.includes(new URL(request.url).pathname)) {
    event.respondWith(fetch(request).catch(() => caches.match(request)));
  }
});
