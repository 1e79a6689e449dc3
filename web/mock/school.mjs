// An invented boarding school with a past, in memory: what the mock server answers from.

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

// The present of the invented site: another one than ours where SITE_NOW says so.
const ahead = process.env.SITE_NOW ? Date.parse(process.env.SITE_NOW) - Date.now() : 0;
export const siteNow = () => Date.now() + ahead;

export const site = {
    id: "larch",
    name: "Larch House",
    timezone: "Europe/London",
    policy: { forget_after: "18h", debounce: "2s", max_clock_ahead: "2m", unknown_bands: "hold", heartbeat: "60s" },
    zones: [
        { id: "house" },
        { id: "hall", in: "house", name: "Great Hall", capacity: 120 },
        { id: "library", in: "house", name: "Library", capacity: 60 },
        { id: "art", in: "house", name: "Art room", capacity: 30 },
        { id: "sick-bay", in: "house", name: "Sick bay" },
        { id: "dining", in: "house", name: "Dining room", capacity: 80 },
        { id: "east-stair", in: "house", name: "East stair", forget_after: "10m" },
        { id: "dormitories", in: "house", name: "Dormitories" },
        { id: "grounds", name: "Grounds" },
        { id: "field", in: "grounds", name: "Playing field" },
        { id: "oak", in: "grounds", name: "Assembly point, oak tree", muster: true },
    ],
    readers: [
        { id: "hall-door", between: ["house", "hall"], name: "Hall door" },
        { id: "library-door", between: ["house", "library"], name: "Library door" },
        { id: "art-door", enter: "art", name: "Art room door" },
        { id: "bay-door", enter: "sick-bay", name: "Sick bay" },
        { id: "dining-door", enter: "dining", name: "Dining room" },
        { id: "stair-post", enter: "east-stair", name: "East stair" },
        { id: "dorm-door", enter: "dormitories", name: "Dormitories" },
        { id: "field-post", enter: "field", name: "Field post" },
        { id: "oak-post", enter: "oak", purpose: "muster", name: "Oak" },
        { id: "gate", between: ["outside", "grounds"], name: "Gate" },
    ],
};

const FIRST = "Lee Anu Pim Mo Jo Sam Kofi Ro Ines Tal Wren Noor Ade Bea Cai Dov Eli Fay Gil Hana Ivo Juno".split(" ");
const LAST =
    "Adams Banerjee Castro Dunne Eames Farrow Grant Hale Iqbal Jansen Keane Lund Mbeki Novak Osei Price Quist Reyes Sato Toure Unwin Vance Webb Yilmaz".split(
        " ",
    );

export const iso = (ms) => (ms == null ? null : new Date(ms).toISOString().replace(/\.?0*Z$/, "Z"));

function dice(seed) {
    let a = seed >>> 0;
    return () => {
        a = (a + 0x6d2b79f5) >>> 0;
        let t = Math.imul(a ^ (a >>> 15), 1 | a);
        t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
        return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    };
}

const readerInto = (zone) =>
    site.readers.find((r) => r.enter === zone || r.between?.[1] === zone)?.id ?? "hall-door";

export class School {
    constructor({ people = 400, days = 14, seed = 7, now = siteNow() } = {}) {
        this.random = dice(seed);
        this.people = new Map();
        this.stays = new Map();
        this.seen = new Map(); // person -> { at, reader }
        this.taken = new Set();
        this.readers = new Map(site.readers.map((r) => [r.id, { last: now - 5_000, complete: now - 5_000 }]));
        for (let i = 0; i < people; i++) {
            const id = "p" + String(i + 1).padStart(4, "0");
            const last = LAST[Math.floor(i / FIRST.length) % LAST.length];
            const more = people > FIRST.length * LAST.length ? " " + Math.floor(i / (FIRST.length * LAST.length)) : "";
            this.people.set(id, {
                id,
                name: `${last}, ${FIRST[i % FIRST.length]}${more}`,
                groups: ["year-" + (7 + (i % 7)), i % 2 ? "larks" : "owls"],
                needs_help: i % 67 === 5,
                notes: i % 50 === 3 ? { diet: "no nuts" } : {},
            });
            this.stays.set(id, this.past(i, days, now));
        }
        const silent = this.readers.get("stair-post");
        silent.last = silent.complete = now - 12 * MINUTE;
    }

    past(index, days, now) {
        const rooms = ["hall", "library", "art", "dining", "house", "field", "grounds", "dormitories", "hall", "dining"];
        const stays = [];
        let at = now - days * DAY - Math.floor(this.random() * HOUR);
        let zone = "dormitories";
        while (at < now - 30_000) {
            const hour = new Date(at).getUTCHours();
            const night = hour >= 21 || hour < 6;
            const long = night ? (7 + this.random()) * HOUR : (0.3 + this.random() * 2) * HOUR;
            const until = at + Math.floor(long);
            const open = until >= now - 30_000;
            stays.push({
                zone,
                from: at,
                until: open ? null : until,
                last_seen: at + Math.floor(Math.min(open ? now - at : long, long) * this.random() * 0.6),
                scans: 1 + Math.floor(this.random() * 3),
                flags: [],
                learnt: at + (this.random() < 0.04 ? 3 * HOUR : 1_000),
            });
            at = until;
            zone = night ? "hall" : rooms[Math.floor(this.random() * rooms.length)];
            if (index % 13 === 0 && stays.length % 4 === 0) zone = "outside";
            if (index % 131 === 17 && at > now - 3 * HOUR) zone = "unknown";
        }
        return stays;
    }

    move(person, zone, at, reader, learnt = at) {
        const stays = this.stays.get(person);
        const last = stays[stays.length - 1];
        if (last && last.zone === zone && at >= last.from) {
            last.last_seen = at;
            last.scans++;
            last.reader = reader;
            return;
        }
        if (last) last.until = at;
        stays.push({ zone, from: at, until: null, last_seen: at, scans: 1, flags: [], learnt, reader });
    }

    where(person, at, known = Infinity) {
        const stays = this.stays.get(person);
        let found = null;
        for (let i = stays.length - 1; i >= 0; i--) {
            if (stays[i].from <= at && stays[i].learnt <= known) {
                found = stays[i];
                break;
            }
        }
        if (!found || found.zone === "unknown")
            return { person, zone: "unknown", since: null, last_seen: iso(found?.last_seen ?? null), reader: found ? "hall-door" : null };
        return {
            person,
            zone: found.zone,
            since: iso(found.from),
            last_seen: iso(Math.min(found.last_seen, at)),
            reader: found.reader ?? readerInto(found.zone),
        };
    }

    below(zone) {
        const all = new Set([zone]);
        for (let more = true; more; ) {
            more = false;
            for (const z of site.zones)
                if (z.in && all.has(z.in) && !all.has(z.id)) {
                    all.add(z.id);
                    more = true;
                }
        }
        return all;
    }

    counts(at, known) {
        const direct = new Map(site.zones.map((z) => [z.id, 0]));
        let outside = 0;
        let unknown = 0;
        for (const id of this.people.keys()) {
            const { zone } = this.where(id, at, known);
            if (zone === "outside") outside++;
            else if (zone === "unknown") unknown++;
            else direct.set(zone, (direct.get(zone) ?? 0) + 1);
        }
        const zones = site.zones.map((z) => {
            let count = 0;
            for (const b of this.below(z.id)) count += direct.get(b) ?? 0;
            return { zone: z.id, count, direct: direct.get(z.id) ?? 0 };
        });
        zones.sort((a, b) => (a.zone < b.zone ? -1 : 1));
        return { zones, outside, unknown };
    }

    couldChange(at) {
        const list = [];
        for (const [id, r] of this.readers) if (r.complete < at - 60_000) list.push(id);
        return list.sort();
    }

    // One scan; answers which of the import document's words it is, and whom it moved.
    scan({ reader, band, time, direction }, now) {
        const at = Date.parse(time);
        const definition = site.readers.find((r) => r.id === reader);
        if (!definition || Number.isNaN(at)) return { word: "refused" };
        const key = [reader, band, time, direction ?? ""].join("|");
        if (this.taken.has(key)) return { word: "duplicates" };
        this.taken.add(key);
        const state = this.readers.get(reader);
        state.last = now;
        if (at > now + 120_000) return { word: "quarantined" };
        const person = band.startsWith("person:") ? band.slice(7) : band.startsWith("LARCH-") ? band.slice(6) : null;
        if (person == null || !this.people.has(person)) return { word: "held" };
        let zone = definition.enter;
        if (definition.between) {
            const [a, b] = definition.between;
            const there = this.below(b).has(this.where(person, at).zone);
            zone = direction === "in" ? b : direction === "out" ? a : there ? a : b;
        }
        this.move(person, zone, at, reader, now);
        return { word: "accepted", person };
    }
}
