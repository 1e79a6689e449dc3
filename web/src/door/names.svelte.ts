// People by id, as far as they were told: answers of who is where name them. Who comes later by the stream is
// fetched when in sight.
import { SvelteMap } from "svelte/reactivity";
import { ask, part } from "./ask";
import type { Person, Place } from "./documents";

const AT_ONCE = 4;

type Known = Pick<Person, "id" | "name" | "needs_help">;

class Names {
    #people = new SvelteMap<string, Known>();
    #asked = new Set<string>();
    #queue: string[] = [];
    #running = 0;
    /** Counts up when some were fetched: lists sort anew by it. */
    version = $state(0);

    of(id: string): string {
        return this.#people.get(id)?.name || id;
    }
    get(id: string): Known | undefined {
        return this.#people.get(id);
    }
    keep(people: Known[]): void {
        for (const person of people) {
            const known = this.#people.get(person.id);
            if (known?.name !== person.name || known.needs_help !== person.needs_help) this.#people.set(person.id, person);
        }
    }
    /** From an answer that was asked with names=true. */
    learn(places: Place[]): void {
        this.keep(places.flatMap((p) => (p.name === undefined ? [] : [{ id: p.person, name: p.name, needs_help: p.needs_help ?? false }])));
    }

    /** These are in sight: fetch those that are not known, a few at a time. */
    want(ids: string[]): void {
        for (const id of ids) {
            if (this.#people.has(id) || this.#asked.has(id)) continue;
            this.#asked.add(id);
            this.#queue.push(id);
        }
        while (this.#running < AT_ONCE && this.#queue.length > 0) void this.#some();
    }
    async #some(): Promise<void> {
        this.#running++;
        for (let id = this.#queue.pop(); id !== undefined; id = this.#queue.pop()) {
            await ask<Person>(`/v1/people/${part(id)}`)
                .then((person) => this.keep([person]))
                .catch(() => {});
        }
        this.#running--;
        this.version++;
    }

    forget(): void {
        this.#people.clear();
        this.#asked.clear();
    }
}

export const names = new Names();
