// What is unusual now, and why: the first thing that a page says.
import { board } from "../door/board.svelte";
import type { Place, Reader } from "../door/documents";
import { duration } from "../time/clock.svelte";

export type Finding =
    | { kind: "over"; id: string; count: number; of: number }
    | { kind: "silent"; id: string; ms: number; zone: string | null }
    | { kind: "silentMany"; id: string; count: number; of: number }
    | { kind: "unknown"; id: string; count: number }
    | { kind: "unseen"; id: string; count: number; ms: number };

const SILENT_ONE_BY_ONE = 4;

/** Readers owe a heartbeat; one that missed three is silent. Without the rule nothing is said of silence. */
export function silentAfter(): number | null {
    const every = duration(board.site?.policy?.heartbeat);
    return every === null ? null : 3 * every;
}

export function unusual(list: Place[], limitOf: (zone: string) => number, now: number): Finding[] {
    const found: Finding[] = [];
    for (const zone of board.site?.zones ?? []) {
        const count = board.counts.get(zone.id)?.count ?? 0;
        if (zone.capacity !== undefined && count > zone.capacity)
            found.push({ kind: "over", id: zone.id, count, of: zone.capacity });
    }
    const after = silentAfter();
    const working = board.readers.filter((r) => !r.retired);
    const quiet = (r: Reader) => (r.last_heard ? now - Date.parse(r.last_heard) : Infinity);
    const silent = after === null ? [] : working.filter((r) => quiet(r) > after);
    // Of many silent readers the network is silent, not the readers: one sentence.
    if (silent.length > SILENT_ONE_BY_ONE) found.push({ kind: "silentMany", id: "readers", count: silent.length, of: working.length });
    else for (const r of silent) found.push({ kind: "silent", id: r.id, ms: quiet(r), zone: r.zones[r.zones.length - 1] ?? null });
    if (board.unknown) found.push({ kind: "unknown", id: "unknown", count: board.unknown });
    const unseen = list.filter((p) => p.last_seen && now - Date.parse(p.last_seen) > limitOf(p.zone));
    if (unseen.length > 0) {
        const least = Math.min(...unseen.map((p) => limitOf(p.zone)));
        found.push({ kind: "unseen", id: "list", count: unseen.length, ms: least });
    }
    return found;
}
