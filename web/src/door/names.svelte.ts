// People by id. A register of ordinary size is fetched once; of a large one only those who are shown.
import { SvelteMap } from "svelte/reactivity";
import { ask, at, part } from "./ask";
import type { Person } from "./documents";

const ALL_UP_TO = 10_000;
const AT_ONCE = 4;

class Names {
    #people = new SvelteMap<string, Person>();
    #asked = new Set<string>();
    #queue: string[] = [];
    #running = 0;
    #all: Promise<void> | null = null;
    /** Counts up when many came at once: lists sort anew by it. */
    version = $state(0);

    of(id: string): string {
        return this.#people.get(id)?.name || id;
    }
    get(id: string): Person | undefined {
        return this.#people.get(id);
    }
    keep(people: Person[]): void {
        for (const person of people) this.#people.set(person.id, person);
    }

    /** Fetch the register when it is of ordinary size. */
    prepare(total: number): Promise<void> {
        if (total > ALL_UP_TO) return Promise.resolve();
        this.#all ??= this.#fetchAll(total);
        return this.#all;
    }
    async #fetchAll(total: number): Promise<void> {
        try {
            const found = await ask<{ people: Person[] }>(at("/v1/people", { limit: total + 1000 }));
            const before = this.#people.size;
            this.keep(found.people);
            if (this.#people.size !== before) this.version++;
        } catch {
            this.#all = null;
        }
    }

    /** These are in sight: fetch those that are not known, a few at a time. */
    want(ids: string[]): void {
        if (this.#all) return;
        for (const id of ids) {
            if (this.#people.has(id) || this.#asked.has(id)) continue;
            this.#asked.add(id);
            this.#queue.push(id);
        }
        while (this.#running < AT_ONCE && this.#queue.length > 0) void this.#one();
    }
    async #one(): Promise<void> {
        this.#running++;
        for (let id = this.#queue.pop(); id !== undefined; id = this.#queue.pop()) {
            await ask<Person>(`/v1/people/${part(id)}`)
                .then((person) => this.#people.set(person.id, person))
                .catch(() => {});
        }
        this.#running--;
    }

    forget(): void {
        this.#people.clear();
        this.#asked.clear();
        this.#all = null;
    }
}

export const names = new Names();
