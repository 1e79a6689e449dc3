// Keeps the kiosk's own files for when the server is away. It never keeps an answer of the server.
addEventListener("install", () => self.skipWaiting());
addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
addEventListener("fetch", (event) => {
    const url = new URL(event.request.url);
    if (event.request.method !== "GET" || url.origin !== location.origin || url.pathname.startsWith("/v1/")) return;
    if (event.request.mode === "navigate") {
        if (!url.pathname.startsWith("/kiosk")) return;
        event.respondWith(fetch(event.request).catch(() => caches.match("/")));
    } else if (url.pathname.startsWith("/assets/") || url.pathname === "/mark.svg") {
        event.respondWith(caches.match(event.request).then((kept) => kept ?? fetch(event.request)));
    }
});
