// A kiosk that is switched on while the server is away must still begin: its files are kept by a service worker.
const KEPT = "pages";

/** Keep what this page is made of, and nothing of what it showed. */
export async function keepPages(): Promise<void> {
    if (!("serviceWorker" in navigator) || !isSecureContext) return;
    await navigator.serviceWorker.register("/sw.js");
    const made = performance.getEntriesByType("resource").map((e) => new URL(e.name));
    const files = made.filter((u) => u.origin === location.origin && u.pathname.startsWith("/assets/")).map((u) => u.pathname);
    const cache = await caches.open(KEPT);
    const wanted = new Set(["/", "/mark.svg", ...files]);
    await cache.addAll([...wanted]);
    for (const old of await cache.keys()) if (!wanted.has(new URL(old.url).pathname)) await cache.delete(old);
}
