// The look-ups of a person, for people: what was asked in words, and repeated looks as one.
import type { Lookup } from "../door/documents";

export type Meaning = "now" | "past" | "path" | "with" | "record" | "lookups" | "search" | "watch" | "other";

export function meaning(look: Lookup): Meaning {
    if (look.kind?.toLowerCase() === "watch" || look.question.includes("/v1/stream")) return "watch";
    if (look.question.includes("/path")) return "path";
    if (look.question.includes("/with")) return "with";
    if (look.question.includes("/lookups")) return "lookups";
    if (look.question.includes("/v1/now")) return "now";
    if (look.question.includes("/v1/at")) return "past";
    if (look.question.includes("/v1/people/")) return "record";
    if (look.question.includes("/v1/people")) return "search";
    return "other";
}

const TOGETHER_MS = 10 * 60_000;

/** Newest first; looks of one kind by one person, each within ten minutes of the next, are one row. */
export function grouped(looks: Lookup[]): (Lookup & { times: number })[] {
    const rows: (Lookup & { times: number; oldest: number })[] = [];
    for (const look of looks) {
        const at = Date.parse(look.at);
        const same = rows.find(
            (r) => r.who === look.who && r.purpose === look.purpose && (r.zone ?? null) === (look.zone ?? null) && meaning(r) === meaning(look) && Math.abs(r.oldest - at) < TOGETHER_MS,
        );
        if (!same) rows.push({ ...look, times: 1, oldest: at });
        else {
            same.times++;
            same.oldest = Math.min(same.oldest, at);
        }
    }
    return rows;
}
