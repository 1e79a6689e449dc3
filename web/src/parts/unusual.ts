// What is unusual now, and why: the first thing that a page says.
import { board } from "../door/board.svelte";
import type { Place } from "../door/documents";
import { duration } from "../time/clock.svelte";

export type Finding =
    | { kind: "over"; id: string; count: number; of: number }
    | { kind: "silent"; id: string; ms: number; zone: string | null }
    | { kind: "unknown"; id: string; count: number }
    | { kind: "unseen"; id: string; count: number; ms: number };

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
    for (const reader of board.readers) {
        if (after === null || reader.retired) continue;
        const ms = reader.last_heard ? now - Date.parse(reader.last_heard) : Infinity;
        if (ms > after) found.push({ kind: "silent", id: reader.id, ms, zone: reader.zones[reader.zones.length - 1] ?? null });
    }
    if (board.unknown > 0) found.push({ kind: "unknown", id: "unknown", count: board.unknown });
    const unseen = list.filter((p) => p.last_seen && now - Date.parse(p.last_seen) > limitOf(p.zone));
    if (unseen.length > 0) {
        const least = Math.min(...unseen.map((p) => limitOf(p.zone)));
        found.push({ kind: "unseen", id: "list", count: unseen.length, ms: least });
    }
    return found;
}
