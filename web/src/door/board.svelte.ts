// The living board: the site, its counts and its readers, kept by the stream; and the state of the link.
import { clock, siteZone } from "../time/clock.svelte";
import { ask, at, Refusal } from "./ask";
import type { Counts, Place, Reader, Site, Zone, ZoneCount } from "./documents";
import { listen } from "./events";
import { session } from "./session.svelte";

/** zone: null where they are not shown here any more */
export type Move = Omit<Place, "zone"> & { zone: string | null };
export interface Moves {
    as_of: string;
    people: Move[];
    zones: ZoneCount[];
    outside: number | null;
    unknown: number | null;
    could_change: string[];
}

interface Follower {
    moves(moves: Moves): void;
    /** What was loaded is no longer to be trusted: load it anew. */
    reset(): void;
}

/** Whose moves are told: of those in a zone, of everybody (""), or of nobody, the counts alone. Who is watched is
    kept in the log of look-ups, so it is no more than what is in sight. */
export type Watched = { zone: string } | "counts";

export const OUTSIDE = "outside";
export const UNKNOWN = "unknown";

const HELLO_MS = 1_500;

class Board {
    link = $state<"starting" | "live" | "away">("starting");
    /** performance.now() when the server was last heard */
    heardAt = $state(0);
    site = $state.raw<Site | null>(null);
    readers = $state.raw<Reader[]>([]);
    counts = $state.raw(new Map<string, ZoneCount>());
    outside = $state<number | null>(0);
    unknown = $state<number | null>(0);
    couldChange = $state.raw<string[]>([]);
    loaded = $state(false);
    refused = $state<string>("");

    readonly zones = $derived(new Map((this.site?.zones ?? []).map((z) => [z.id, z] as const)));
    readonly onSite = $derived([...this.counts.values()].reduce((sum, z) => sum + z.direct, 0));
    readonly total = $derived(this.onSite + (this.outside ?? 0) + (this.unknown ?? 0));

    #followers = new Set<Follower>();
    #stop: (() => void) | null = null;
    #loading = 0;
    #meanwhile: Moves[] = [];
    #path = "";
    #greeted: (() => void)[] = [];
    #greeting = Promise.resolve();

    /** Open the stream, or another one when others are in sight now. */
    watch(watched: Watched): void {
        const path = at("/v1/stream", watched === "counts" ? { counts: true } : { zone: watched.zone });
        if (this.#stop && path === this.#path) return;
        if (!this.#stop) this.link = "starting";
        this.#stop?.();
        this.#path = path;
        this.#greeting = new Promise((done) => {
            this.#greeted.push(done);
            setTimeout(done, HELLO_MS);
        });
        this.#stop = listen(path, {
            heard: () => {
                this.heardAt = performance.now();
                if (this.link === "away") this.link = "live";
            },
            event: (name, data) => this.#event(name, data),
            away: () => (this.link = "away"),
            refused: (status) => {
                // A zone that is not there, or not for this operator: nobody is watched, and the page says why.
                if (status !== 401 && watched !== "counts" && watched.zone !== "") return this.watch("counts");
                this.stop();
                void session.load();
            },
        });
    }

    /** When the stream has begun, or nothing is heard of it for long: what is asked now misses no move. */
    get begun(): Promise<void> {
        return this.#greeting;
    }

    stop(): void {
        this.#stop?.();
        this.#stop = null;
        this.#path = "";
        this.loaded = false;
    }

    follow(follower: Follower): () => void {
        this.#followers.add(follower);
        return () => this.#followers.delete(follower);
    }

    #event(name: string, data: unknown): void {
        if (name === "hello") {
            clock.set(Date.parse((data as { as_of: string }).as_of));
            this.link = "live";
            for (const done of this.#greeted.splice(0)) done();
            if (!this.loaded) void this.load();
        } else if (name === "moves") {
            this.#moves(data as Moves);
        } else if (name === "readers") {
            const heard = new Map((data as { readers: Reader[] }).readers.map((r) => [r.id, r]));
            this.readers = this.readers.map((r) => ({ ...r, ...heard.get(r.id) }));
        } else if (name === "reset" || name === "changed") {
            void this.load();
            for (const follower of this.#followers) follower.reset();
        }
    }

    #moves(moves: Moves): void {
        clock.set(Date.parse(moves.as_of));
        if (this.#loading > 0) this.#meanwhile.push(moves);
        this.#apply(moves);
        for (const follower of this.#followers) follower.moves(moves);
    }

    #apply(moves: Moves): void {
        const counts = new Map(this.counts);
        for (const zone of moves.zones) counts.set(zone.zone, zone);
        this.counts = counts;
        this.outside = moves.outside;
        this.unknown = moves.unknown;
        this.couldChange = moves.could_change;
    }

    async load(): Promise<void> {
        this.#loading++;
        try {
            const [site, counts, readers] = await Promise.all([
                ask<Site>("/v1/site"),
                ask<Counts>("/v1/now?counts=true"),
                ask<{ readers: Reader[] }>("/v1/readers").catch(() => ({ readers: [] })),
            ]);
            siteZone.name = site.timezone;
            this.site = site;
            this.readers = readers.readers;
            this.counts = new Map(counts.zones.map((z) => [z.zone, z]));
            this.outside = counts.outside;
            this.unknown = counts.unknown;
            this.couldChange = counts.could_change;
            clock.set(Date.parse(counts.as_of));
            // What came while we asked may be newer than the answer; each says how it is, not what changed.
            for (const moves of this.#meanwhile) this.#apply(moves);
            this.loaded = true;
            this.refused = "";
        } catch (error) {
            if (error instanceof Refusal) this.refused = error.message;
        } finally {
            if (--this.#loading === 0) this.#meanwhile = [];
        }
    }

    zoneName(id: string | null): string {
        return (id && this.zones.get(id)?.name) || id || "";
    }
    readerName(id: string | null): string {
        const found = this.readers.find((r) => r.id === id)?.name ?? this.site?.readers.find((r) => r.id === id)?.name;
        return found || id || "";
    }
    /** Whether one may look into a zone: what one may not, nobody counts for one. */
    open(zone: string): boolean {
        if (zone === OUTSIDE) return this.outside !== null;
        if (zone === UNKNOWN) return this.unknown !== null;
        return this.counts.has(zone);
    }
    /** The zone and all below it. */
    below(zone: string): Set<string> {
        return zonesBelow(this.site?.zones ?? [], zone);
    }
}

export function zonesBelow(zones: Zone[], zone: string): Set<string> {
    const found = new Set([zone]);
    for (let size = 0; size !== found.size; ) {
        size = found.size;
        for (const z of zones) if (z.in && found.has(z.in)) found.add(z.id);
    }
    return found;
}

export const board = new Board();
