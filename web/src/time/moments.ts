// Moments of the past, fetched ahead and kept: what the slider draws from without waiting.
import { ask, at } from "../door/ask";
import type { Counts, PeopleMoment, Place, ZoneCount } from "../door/documents";
import { names } from "../door/names.svelte";
import { byName } from "../door/present.svelte";

export interface MomentView {
    at: number;
    counts: Map<string, ZoneCount>;
    outside: number | null;
    unknown: number | null;
    couldChange: string[];
    people: Place[] | null;
}

/** true: what is known today about that moment; believed: what was known at that moment */
export type Opinion = "true" | "believed";

const KEPT_MAX = 1_500;
const AT_ONCE = 4;

function named(places: Place[]): Place[] {
    names.learn(places);
    return places;
}

export class Moments {
    #kept = new Map<string, MomentView>();
    #running = new Map<string, AbortController>();
    #wanted: { time: number; opinion: Opinion }[] = [];

    constructor(
        private readonly zone: string,
        private readonly withPeople: boolean,
        private readonly arrived: () => void,
    ) {}

    #key = (time: number, opinion: Opinion) => `${opinion}${time}`;

    get(time: number, opinion: Opinion): MomentView | undefined {
        return this.#kept.get(this.#key(time, opinion));
    }

    /** Fetch these, the first first; what was wanted before and is not begun is forgotten. */
    want(list: { time: number; opinion: Opinion }[]): void {
        this.#wanted = list.filter((m) => !this.#kept.has(this.#key(m.time, m.opinion)));
        this.#pull();
    }

    stop(): void {
        this.#wanted = [];
        for (const abort of this.#running.values()) abort.abort();
    }

    #pull(): void {
        while (this.#running.size < AT_ONCE) {
            const next = this.#wanted.shift();
            if (!next) return;
            const key = this.#key(next.time, next.opinion);
            if (!this.#kept.has(key) && !this.#running.has(key)) void this.#fetch(key, next.time, next.opinion);
        }
    }

    async #fetch(key: string, time: number, opinion: Opinion): Promise<void> {
        const abort = new AbortController();
        this.#running.set(key, abort);
        const iso = new Date(time).toISOString();
        const moment = { time: iso, known: opinion === "believed" ? iso : null };
        try {
            const [counts, list] = await Promise.all([
                ask<Counts>(at("/v1/at", { ...moment, counts: true }), { signal: abort.signal }),
                this.withPeople ? ask<PeopleMoment>(at("/v1/at", { ...moment, zone: this.zone, names: true }), { signal: abort.signal }) : null,
            ]);
            this.#kept.set(key, {
                at: time,
                counts: new Map(counts.zones.map((z) => [z.zone, z])),
                outside: counts.outside,
                unknown: counts.unknown,
                couldChange: counts.could_change,
                people: list ? byName(named(list.people)) : null,
            });
            // A Map keeps the order in which things came: the oldest goes first.
            for (const old of this.#kept.keys()) {
                if (this.#kept.size <= KEPT_MAX) break;
                this.#kept.delete(old);
            }
            this.arrived();
        } catch {
            /* given up, or the link's state says it */
        }
        this.#running.delete(key);
        this.#pull();
    }
}
