// Who is in a zone now, kept by the stream.
import { ask, at } from "./ask";
import { board, OUTSIDE, UNKNOWN, type Moves } from "./board.svelte";
import type { PeopleMoment, Place } from "./documents";
import { names } from "./names.svelte";

export class Present {
    rows = $state.raw<Place[]>([]);
    loaded = $state(false);
    failed = $state("");

    #zone: string;
    #people = new Map<string, Place>();
    #meanwhile: Moves[] = [];
    #loading = false;
    #unfollow: () => void;
    #stopped = false;

    /** zone: an id, `outside`, `unknown`, or nothing for everyone in a real zone */
    constructor(zone: string) {
        this.#zone = zone;
        this.#unfollow = board.follow({ moves: (m) => this.#moves(m), reset: () => void this.#load() });
        void board.begun.then(() => (this.#stopped ? undefined : this.#load()));
    }

    stop(): void {
        this.#stopped = true;
        this.#unfollow();
    }

    async #load(): Promise<void> {
        this.#loading = true;
        try {
            const answer = await ask<PeopleMoment>(at("/v1/now", { zone: this.#zone, names: true }));
            if (this.#stopped) return;
            names.learn(answer.people);
            this.#people = new Map(answer.people.map((p) => [p.person, p]));
            for (const moves of this.#meanwhile) this.#apply(moves);
            this.failed = "";
        } catch (error) {
            this.failed = error instanceof Error ? error.message : String(error);
        }
        this.#meanwhile = [];
        this.#loading = false;
        this.loaded = true;
        this.sort();
    }

    #holds(zone: string): boolean {
        if (this.#zone === "") return zone !== OUTSIDE && zone !== UNKNOWN;
        return board.below(this.#zone).has(zone);
    }

    #apply(moves: Moves): void {
        for (const place of moves.people) {
            if (place.zone !== null && this.#holds(place.zone)) this.#people.set(place.person, { ...place, zone: place.zone });
            else this.#people.delete(place.person);
        }
    }

    #moves(moves: Moves): void {
        if (this.#loading) this.#meanwhile.push(moves);
        this.#apply(moves);
        this.sort();
    }

    sort(): void {
        this.rows = byName([...this.#people.values()]);
    }
}

export function byName(places: Place[]): Place[] {
    const keyed = places.map((place) => ({ place, key: (place.name ?? names.of(place.person)).toLowerCase() }));
    keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
    return keyed.map((k) => k.place);
}
