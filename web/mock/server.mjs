// A small stand-in for the server, for developing and testing the pages without it: node's http and nothing
// else, the same documents, the same headers. It keeps nothing.
//   node mock/server.mjs [--port 8080] [--people 400] [--moves 300]
// SITE_NOW=2026-03-29T00:59:30Z starts its clock at another moment than the present one.
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { extname, join, normalize } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { School, iso, site as firstSite, siteNow } from "./school.mjs";

const DIST = fileURLToPath(new URL("../dist/", import.meta.url));
// Its operators may what an admin may: the last cell of each row of the server's own table.
const RIGHTS = await readFile(new URL("../../src/access/rights.def", import.meta.url), "utf8");
const MAY = [...RIGHTS.matchAll(/^RIGHT\((\w+),\s*"([^"]+)",.*,\s*(\w+)\)$/gm)].filter((row) => row[3] !== "NO").map((row) => `${row[1]} ${row[2]}`);
const TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
};
export const HEADERS = {
    "content-security-policy":
        "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "permissions-policy": "camera=(self), microphone=(), geolocation=()",
};

/** clock: its own present, where it is not that of all. */
export async function start({ port = 0, people = 400, days = 14, moves = 0, operators = true, clock = siteNow, school } = {}) {
    const world = school ?? new School({ people, days, now: clock() });
    let site = structuredClone(firstSite);
    const purposes = ["Daily care", "Safeguarding", "Drill"];
    const sessions = (world.sessions ??= new Map()); // they outlive the server, as those in the file do
    const staff = operators ? [{ name: "ruth", role: "admin", zones: [], groups: [], made: iso(clock()), password: "correct horse battery" }] : [];
    const tokens = [];
    const lookups = [];
    const received = []; // every scan that came, repeats too
    const streams = new Map(); // answer: what of it is watched
    const watched = []; // every stream that was opened: its zone, "" for everyone, "counts" for nobody
    let places = [];
    let plan = null;
    let held = [{ band: "04A22B9C115E80", reader: "hall-door", time: iso(clock() - 600_000) }];
    let quarantined = [{ reader: "art-door", band: "LARCH-p0003", time: "2009-01-01T00:10:00Z", learnt: iso(clock() - 900_000) }];
    let frame = 0;
    const boot = Math.random().toString(36).slice(2, 8);
    const ring = [];
    let pending = new Map();

    const send = (event, data) => {
        const one = { id: `${boot}-${++frame}`, event, data };
        ring.push(one);
        if (ring.length > 100) ring.shift();
        for (const [s, what] of streams) s.write(written(one, what));
    };
    /** As who watches a zone is told of it: where somebody is who is not there is not said. */
    const written = ({ id, event, data }, what) => {
        if (event === "moves" && what !== "") {
            const inside = what === "counts" ? new Set() : world.below(what);
            const gone = { since: null, last_seen: null, reader: null, zone: null };
            const people = what === "counts" ? [] : data.people.map((p) => (inside.has(p.zone) ? p : { person: p.person, ...gone }));
            data = { ...data, people };
        }
        return `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
    };
    const publish = () => {
        if (pending.size === 0) return;
        const now = clock();
        const counts = world.counts(now);
        send("moves", { as_of: iso(now), people: [...pending.values()], zones: counts.zones, outside: counts.outside, unknown: counts.unknown, could_change: world.couldChange(now) });
        pending = new Map();
    };
    const moved = (person) => pending.set(person, world.where(person, clock()));
    const timers = [
        setInterval(publish, 100),
        setInterval(() => streams.forEach((_, s) => s.write(": here\n\n")), 10_000),
        setInterval(() => {
            const now = clock();
            for (const [id, r] of world.readers) if (id !== "stair-post") r.last = r.complete = now - 1_000;
            send("readers", { readers: readers().map(({ id, last_heard, complete_until }) => ({ id, last_heard, complete_until })) });
        }, 5_000),
    ];
    if (moves > 0)
        timers.push(
            setInterval(() => {
                const ids = [...world.people.keys()];
                const id = ids[Math.floor(world.random() * ids.length)];
                const reader = site.readers[Math.floor(world.random() * site.readers.length)];
                if (reader.id === "stair-post") return;
                const { person } = world.scan({ reader: reader.id, band: "person:" + id, time: iso(clock()) }, clock());
                if (person) moved(person);
            }, moves),
        );

    const readers = () =>
        site.readers.map((r) => ({
            id: r.id,
            name: r.name ?? r.id,
            kind: r.enter ? "enter" : r.leave ? "leave" : "between",
            zones: r.between ?? [r.enter ?? r.leave],
            purpose: r.purpose ?? null,
            retired: false,
            last_heard: iso(world.readers.get(r.id)?.last ?? null),
            complete_until: iso(world.readers.get(r.id)?.complete ?? null),
            clock_offset_s: r.id === "art-door" ? -7.5 : r.id === "gate" ? null : 0.1,
            scans_last_hour: r.id === "stair-post" ? 0 : 12,
        }));

    const date = () => new Date(clock()).toUTCString();
    const problem = (status, word, title, detail) => ({ status, type: "application/problem+json", body: { type: `urn:whereabouts:problem:${word}`, title, status, detail } });
    const json = (body, status = 200) => ({ status, body });

    function whereabouts(query, at, known) {
        const as = { as_of: iso(at), known: known == null ? null : iso(known) };
        const k = known ?? Infinity;
        if (query.get("person")) {
            const person = query.get("person");
            if (!world.people.has(person)) return problem(404, "not-found", "Not found", "There is no such person.");
            const w = world.where(person, at, k);
            return json({ ...as, ...w, last_zone: w.zone === "unknown" || w.zone === "outside" ? "hall" : w.zone, could_change: world.couldChange(at) });
        }
        if (query.get("counts") === "true") return json({ ...as, ...world.counts(at, k), could_change: world.couldChange(at) });
        const zone = query.get("zone");
        if (zone && !["outside", "unknown"].includes(zone) && !site.zones.some((z) => z.id === zone)) return problem(404, "not-found", "Not found", `There is no zone '${zone}'.`);
        const inside = zone ? world.below(zone) : null;
        const list = [];
        for (const id of world.people.keys()) {
            const w = world.where(id, at, k);
            if (inside ? inside.has(w.zone) : w.zone !== "outside" && w.zone !== "unknown") list.push(w);
        }
        const named = (w) => ({ ...w, name: world.people.get(w.person).name, needs_help: world.people.get(w.person).needs_help });
        const people = query.get("names") === "true" ? list.map(named) : list;
        return json({ ...as, zone: zone ?? null, count: list.length, people, could_change: world.couldChange(at) });
    }

    function person(id, rest, query, session) {
        const who = world.people.get(id);
        if (!who) return problem(404, "not-found", "Not found", "There is no such person.");
        lookups.unshift({ person: id, at: iso(clock()), who: session.name, purpose: session.purpose, question: `/v1/people/${id}${rest}` });
        const from = query.get("from") ? Date.parse(query.get("from")) : -Infinity;
        const until = query.get("until") ? Date.parse(query.get("until")) : Infinity;
        const window = { person: id, from: query.get("from"), until: query.get("until"), known: query.get("known") };
        const real = (s) => s.zone !== "outside" && s.zone !== "unknown";
        if (rest === "") return json(who);
        if (rest === "/lookups") return json({ person: id, lookups: lookups.filter((l) => l.person === id) });
        if (rest === "/path")
            return json({
                ...window,
                stays: world.stays.get(id).filter((s) => real(s) && s.from < until && (s.until ?? Infinity) > from)
                    .map((s) => ({ zone: s.zone, from: iso(s.from), until: iso(s.until), last_seen: iso(s.last_seen), scans: s.scans, flags: s.flags })),
            });
        if (rest === "/with") {
            const mine = world.stays.get(id).filter((s) => real(s) && s.from < until && (s.until ?? Infinity) > from);
            const found = [];
            for (const [other, stays] of world.stays) {
                if (other === id) continue;
                let seconds = 0;
                let first = null;
                let last = null;
                const zones = new Set();
                for (const s of stays)
                    for (const m of mine) {
                        const a = Math.max(s.from, m.from, from);
                        const b = Math.min(s.until ?? clock(), m.until ?? clock(), until);
                        if (s.zone !== m.zone || b <= a) continue;
                        seconds += (b - a) / 1000;
                        first ??= a;
                        last = b;
                        zones.add(s.zone);
                    }
                if (seconds >= 300) found.push({ person: other, seconds: Math.floor(seconds), first: iso(first), last: iso(last), zones: [...zones].sort() });
            }
            return json({ ...window, min_s: 300, people: found });
        }
        return problem(404, "not-found", "Not found", "There is no such thing.");
    }

    function open(method, path, body) {
        if (path === "/v1/session" && method === "POST") {
            const found = staff.find((o) => o.name === body.operator && o.password === body.password);
            if (!found) return problem(401, "sign-in", "Not signed in", "The name or the password is not right.");
            const key = Math.random().toString(36).slice(2);
            sessions.set(key, { name: found.name, role: found.role, zones: found.zones, groups: found.groups, may: MAY, purpose: body.purpose ?? null, expires: iso(clock() + 8 * 3600_000), purposes });
            return { ...json(sessions.get(key)), cookie: `session=${key}; HttpOnly; SameSite=Strict; Path=/` };
        }
        if (path === "/v1/purposes" && method === "GET") return json({ purposes });
        if (path === "/v1/operators/first" && method === "POST") {
            if (staff.length > 0 || body.code !== "first-code") return problem(403, "refused", "Refused", "This link has been used or has expired.");
            if ((body.password ?? "").length < 12) return problem(422, "password", "Password refused", "A password has at least 12 characters.");
            staff.push({ name: body.name, role: "admin", zones: [], groups: [], made: iso(clock()), password: body.password });
            return json({}, 201);
        }
        return null;
    }

    function takeScans(body) {
        const answer = { accepted: 0, duplicates: 0, held: 0, quarantined: 0, refused: 0, ambiguous_times: 0 };
        for (const scan of body.scans ?? []) {
            received.push(scan);
            const { word, person } = world.scan(scan, clock());
            answer[word]++;
            if (word === "held") held.unshift({ band: scan.band, reader: scan.reader, time: scan.time });
            if (person) moved(person);
        }
        return json(answer);
    }

    function answer(method, url, body, session, text) {
        const path = url.pathname;
        const query = url.searchParams;
        const now = clock();
        if (path === "/v1/session") {
            if (method === "DELETE") return { status: 204, body: null, cookie: "session=; Max-Age=0; Path=/", ended: true };
            if (method === "PUT") session.purpose = body.purpose;
            return json(session);
        }
        if (path === "/v1/now") return whereabouts(query, now, null);
        if (path === "/v1/at") return whereabouts(query, Date.parse(query.get("time")), query.get("known") ? Date.parse(query.get("known")) : null);
        if (path === "/v1/people") {
            const words = (query.get("q") ?? "").toLowerCase().split(/\s+/).filter(Boolean);
            const limit = Number(query.get("limit") ?? 50);
            const found = [];
            for (const p of world.people.values()) {
                const parts = (p.name + " " + p.id).toLowerCase().split(/[\s,]+/);
                if (words.every((w) => parts.some((x) => x.startsWith(w)))) found.push(p);
                if (found.length >= limit) break;
            }
            return json({ people: found });
        }
        const one = /^\/v1\/people\/([^/]+)(\/\w+)?$/.exec(path);
        if (one && method === "GET") return person(decodeURIComponent(one[1]), one[2] ?? "", query, session);
        const zone = /^\/v1\/zones\/([^/]+)\/occupancy$/.exec(path);
        if (zone) {
            const from = Date.parse(query.get("from"));
            const until = Date.parse(query.get("until"));
            const every = { s: 1_000, m: 60_000, h: 3600_000 }[query.get("every").slice(-1)] * parseInt(query.get("every"), 10);
            const inside = world.below(decodeURIComponent(zone[1]));
            const points = [];
            for (let t = from; t < until; t += every) {
                let count = 0;
                for (const id of world.people.keys()) if (inside.has(world.where(id, t).zone)) count++;
                points.push({ at: iso(t), count });
            }
            return json({ zone: decodeURIComponent(zone[1]), from: iso(from), until: iso(until), known: null, every_s: every / 1000, points });
        }
        if (path === "/v1/site" && method === "GET") return json(site);
        if (path === "/v1/site") {
            try {
                site = JSON.parse(text);
            } catch {
                return problem(422, "site", "The site is refused", "line 3, column 7: '}' or ',' expected");
            }
            return json(site);
        }
        if (path === "/v1/readers") return json({ readers: readers() });
        if (path === "/v1/zones") return json({ zones: site.zones });
        if (path === "/v1/held") return json({ held });
        if (path === "/v1/quarantined") return json({ quarantined });
        if (path === "/v1/pairings") {
            held = held.filter((h) => h.band !== body.band);
            return json({ accepted: 1, duplicates: 0, held: 0, quarantined: 0, refused: 0, ambiguous_times: 0 });
        }
        if (path === "/v1/releases") {
            quarantined = quarantined.filter((q) => q.reader !== body.reader);
            return json({ released: 1 });
        }
        const band = /^\/v1\/bands\/(.+)$/.exec(path);
        if (band) {
            const id = decodeURIComponent(band[1]);
            const who = id.startsWith("LARCH-") ? id.slice(6) : null;
            return json({ band: id, pairings: who ? [{ person: who, from: null, until: null }] : [] });
        }
        if (path === "/v1/scans" && method === "POST") return takeScans(body);
        if (path === "/v1/plan") {
            if (method === "PUT") plan = text;
            return plan ? { status: 200, type: "image/svg+xml", raw: plan } : problem(404, "not-found", "Not found", "There is no plan.");
        }
        if (path === "/v1/plan/places") {
            if (method === "PUT") places = body.places;
            return json({ places });
        }
        if (path === "/v1/purposes") {
            purposes.splice(0, purposes.length, ...body.purposes);
            return json({ purposes });
        }
        if (path === "/v1/operators") {
            if (method === "GET") return json({ operators: staff.map(({ password, ...o }) => o) });
            if (staff.some((o) => o.name === body.name)) return problem(409, "exists", "Exists already", "There is an operator of this name.");
            staff.push({ zones: [], groups: [], made: iso(now), ...body });
            return json({}, 201);
        }
        const operator = /^\/v1\/operators\/(.+)$/.exec(path);
        if (operator && method === "DELETE") {
            staff.splice(staff.findIndex((o) => o.name === decodeURIComponent(operator[1])), 1);
            return { status: 204, body: null };
        }
        if (path === "/v1/tokens") {
            if (method === "GET") return json({ tokens });
            const id = "t" + (tokens.length + 1);
            tokens.push({ id, readers: [], zones: [], groups: [], purpose: null, made: iso(now), expires: null, ...body });
            return json({ id, token: "wb_" + Math.random().toString(36).slice(2) }, 201);
        }
        const token = /^\/v1\/tokens\/(.+)$/.exec(path);
        if (token && method === "DELETE") {
            tokens.splice(tokens.findIndex((t) => t.id === token[1]), 1);
            return { status: 204, body: null };
        }
        return problem(404, "not-found", "Not found", "There is no such thing.");
    }

    async function file(path, response) {
        const wanted = normalize(path === "/" ? "/index.html" : path);
        let bytes = await readFile(join(DIST, wanted)).catch(() => null);
        const name = bytes ? wanted : "/index.html";
        bytes ??= await readFile(join(DIST, "index.html"));
        response.writeHead(200, { ...HEADERS, "content-type": TYPES[extname(name)] ?? "application/octet-stream", "cache-control": name.startsWith("/assets/") ? "max-age=31536000, immutable" : "no-cache" });
        response.end(bytes);
    }

    function stream(request, response, query) {
        const what = query.get("counts") === "true" ? "counts" : (query.get("zone") ?? "");
        const known = ["", "counts", "outside", "unknown"].includes(what) || site.zones.some((z) => z.id === what);
        if (!known) {
            response.writeHead(404, { ...HEADERS, date: date(), "content-type": "application/problem+json" });
            return response.end(JSON.stringify(problem(404, "not-found", "Not found", `There is no zone '${what}'.`).body));
        }
        watched.push(what);
        response.writeHead(200, { ...HEADERS, date: date(), "content-type": "text/event-stream", "cache-control": "no-store" });
        const last = request.headers["last-event-id"];
        const missed = last ? ring.findIndex((t) => t.id === last) : -1;
        if (missed >= 0) ring.slice(missed + 1).forEach((t) => response.write(written(t, what)));
        else if (last) response.write("event: reset\ndata: {}\n\n");
        response.write(`id: ${boot}-${frame}\nevent: hello\ndata: ${JSON.stringify({ as_of: iso(clock()) })}\n\n`);
        streams.set(response, what);
        request.on("close", () => streams.delete(response));
    }

    const server = createServer(async (request, response) => {
        const url = new URL(request.url, "http://localhost");
        if (!url.pathname.startsWith("/v1/")) return file(url.pathname, response);
        let text = "";
        for await (const part of request) text += part;
        let body = null;
        try {
            body = text ? JSON.parse(text) : null;
        } catch {
            body = null;
        }
        const key = /session=(\w+)/.exec(request.headers.cookie ?? "")?.[1];
        const session = sessions.get(key) ?? (request.headers.authorization ? { name: "token", role: "reader", zones: [], groups: [], purpose: null } : null);
        let result = open(request.method, url.pathname, body ?? {});
        if (!result && !session) result = problem(401, "sign-in", "Not signed in", "Sign in first.");
        if (!result && url.pathname === "/v1/stream") return stream(request, response, url.searchParams);
        result ??= answer(request.method, url, body ?? {}, session, text);
        if (result.ended) sessions.delete(key);
        const head = { ...HEADERS, date: date(), "content-type": result.type ?? "application/json", "cache-control": "no-store" };
        if (result.cookie) head["set-cookie"] = result.cookie;
        response.writeHead(result.status, head);
        response.end(result.raw ?? (result.body == null ? "" : JSON.stringify(result.body)));
    });
    await new Promise((done) => server.listen(port, "127.0.0.1", done));
    return {
        url: `http://127.0.0.1:${server.address().port}`,
        port: server.address().port,
        school: world,
        now: clock,
        received,
        watched,
        moved,
        stop() {
            timers.forEach(clearInterval);
            return new Promise((done) => {
                server.close(done);
                server.closeAllConnections();
            });
        },
    };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? ".").href) {
    const value = (name, otherwise) => {
        const at = process.argv.indexOf("--" + name);
        return at < 0 ? otherwise : Number(process.argv[at + 1]);
    };
    const running = await start({ port: value("port", 8080), people: value("people", 400), moves: value("moves", 300) });
    console.log(`listening on ${running.url}; sign in as ruth, "correct horse battery"`);
}
