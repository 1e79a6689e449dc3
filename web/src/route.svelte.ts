// Where one is: the path and the query of the address, so that a link carries its filters and a reload loses
// nothing.

class Route {
    path = $state(location.pathname);
    search = $state(location.search);
    readonly query = $derived(new URLSearchParams(this.search));

    get(name: string): string {
        return this.query.get(name) ?? "";
    }

    go(href: string, replace = false): void {
        if (href === this.path + this.search) return;
        if (replace) history.replaceState(null, "", href);
        else history.pushState(null, "", href);
        this.read();
    }

    /** This page with some of its query changed; an empty value takes the name away. */
    here(changes: Record<string, string>): string {
        const query = new URLSearchParams(this.search);
        for (const [name, value] of Object.entries(changes)) {
            if (value) query.set(name, value);
            else query.delete(name);
        }
        const text = query.toString();
        return this.path + (text ? `?${text}` : "");
    }

    read(): void {
        const moved = this.path !== location.pathname;
        this.path = location.pathname;
        this.search = location.search;
        if (moved) scrollTo(0, 0);
    }
}

export const route = new Route();

export function followLinks(): void {
    addEventListener("popstate", () => route.read());
    document.addEventListener("click", (event) => {
        if (event.defaultPrevented || event.button !== 0) return;
        if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
        const link = (event.target as Element).closest("a");
        const href = link?.getAttribute("href");
        if (!link || !href || !(href.startsWith("/") || href.startsWith("?"))) return;
        if (href.startsWith("/v1/") || link.hasAttribute("download") || link.getAttribute("target")) return;
        event.preventDefault();
        const url = new URL(href, location.href);
        route.go(url.pathname + url.search);
    });
}
