// Every row of src/access/rights.def on the pages: each role with each kind of limit walks through all of them.
// What the table forbids is not asked for and not offered, what it allows is; no request is answered with 401
// or 403, and a page that is not for somebody says so. A new row fails until MEANS or NONE has it.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { browser, PASSWORD, until, whyNot } from "./stage.mjs";

const PROGRAM = process.env.WHEREABOUTS ?? fileURLToPath(new URL("../../build/whereabouts", import.meta.url));
const skip = whyNot() || (existsSync(PROGRAM) ? false : `${PROGRAM} is not built`);

const ROLES = ["anonymous", "reader", "viewer", "warden", "admin"];
const TABLE = readFileSync(new URL("../../src/access/rights.def", import.meta.url), "utf8");
const rows = [...TABLE.matchAll(/^RIGHT\((\w+),\s*"([^"]+)",\s*(\w+),\s*(\w+),\s*([\w,\s]+)\)/gm)].map(([, method, pattern, handler, kind, cells]) => ({
    method,
    pattern,
    handler,
    kind,
    form: new RegExp(`^${pattern.replace(/\{\w\}/g, "[^/]+")}$`),
    cells: Object.fromEntries(cells.split(/,\s*/).map((cell, i) => [ROLES[i], cell])),
}));

// What a row is on the pages: a page that asks it, or the control of a page that does it.
const asks = (page) => ({ page, asks: true });
const control = (page, selector) => ({ page, selector });
const MEANS = {
    session_get: asks("/"),
    session_put: control("/", "footer select"),
    session_delete: control("/", "footer button:has-text('Sign out')"),
    operators_get: asks("/access"),
    operators_post: control("/access", "summary:has-text('Add an operator')"),
    operator_delete: control("/access", "button[aria-label='Remove: signer']"),
    tokens_get: asks("/access"),
    tokens_post: control("/access", "summary:has-text('Add a token')"),
    token_delete: control("/access", "button[aria-label^='Remove: t-']"),
    purposes_put: control("/access", "section[aria-label='Purposes'] button"),
    scans_post: control("/kiosk", "button:has-text('Begin')"),
    now_get: asks("/"),
    at_get: asks("/time"),
    people_get: asks("/?q=ann"),
    person_get: asks("/person/ann"),
    path_get: asks("/person/ann"),
    with_get: asks("/person/ann"),
    lookups_get: asks("/person/ann"),
    occupancy_get: asks("/time"),
    held_get: asks("/readers"),
    quarantined_get: asks("/readers"),
    stream_get: asks("/"),
    pairings_post: control("/readers", "button:has-text('Whose is it?')"),
    releases_post: control("/readers", "button:has-text('Release')"),
    site_get: asks("/"),
    site_put: control("/site", "button:has-text('Save')"),
    readers_get: asks("/"),
    plan_get: asks("/"),
    plan_put: control("/site", "input[type=file]"),
    places_get: asks("/"),
    places_put: control("/site", "button:has-text('Save') >> nth=1"),
    purposes_get: asks("/access"),
};
const NONE = {
    health_get: "for whoever watches over the server",
    openapi_get: "for who writes programs",
    page_get: "is the pages themselves",
    metrics_get: "for whoever watches over the server",
    session_post: "is the page before all others: everybody here came by it",
    first_operator_post: "is the page of a link that works once; server.test.mjs opens it",
    heartbeat_post: "readers send it",
    scans_get: "an export of the command line",
    bands_get: "a list of the command line",
    band_get: "the kiosk asks it of a band that it was allowed to scan",
    withdrawn_get: "a list of the command line",
    unseen_get: "a list of the command line",
    people_post: "the register comes from elsewhere, by the command line",
    person_put: "the register comes from elsewhere, by the command line",
    person_delete: "whom to forget is decided with more than a click",
    withdrawals_post: "done by the command line",
    zones_get: "a list of the command line; pages read the description",
};
const PAGES = [...new Set(Object.values(MEANS).map((m) => m.page)), "/?zone=hall", "/?zone=shed", "/?zone=house", "/time?zone=shed", "/person/ben", "/person/max"];

const LIMITS = { none: {}, hall: { zones: ["hall"] }, staff: { groups: ["staff"] }, "hall and staff": { zones: ["hall"], groups: ["staff"] }, nowhere: { zones: ["cellar"] } };
/** Of each role that may sign in, each kind of limit where the table limits it. */
const ASKERS = ["viewer", "warden", "admin"].flatMap((role) => {
    const limited = rows.some((row) => row.cells[role] === "SCOPED");
    return Object.entries(limited ? LIMITS : { none: {} }).map(([name, limits]) => ({ name: `${role}, ${name}`, role, limits }));
});

const SITE = {
    id: "s", name: "The house", timezone: "UTC",
    zones: [{ id: "house" }, { id: "hall", in: "house" }, { id: "shed" }],
    readers: [{ id: "hall-door", enter: "hall" }, { id: "shed-door", enter: "shed" }],
};
// Max was in the hall, and went on to the shed.
const PEOPLE = { ann: ["Ann Adair", "staff", "hall"], ben: ["Ben Bright", "guests", "shed"], cat: ["Cat Cole", "staff", "shed"], dan: ["Dan Dorn", "guests", "hall"], max: ["Max Moor", "staff", "hall"] };

describe("rights on the pages", { skip, timeout: 600_000 }, () => {
    let folder;
    let running;
    let url;
    const run = (args, input) => execFileSync(PROGRAM, ["--data", join(folder, "site.db"), ...args], { encoding: "utf8", cwd: folder, ...(input ? { input } : {}) });
    const file = (name, text) => writeFileSync(join(folder, name), text);

    before(async () => {
        folder = mkdtempSync(join(tmpdir(), "rights-"));
        const ago = (s) => new Date(Date.now() - s * 1000).toISOString();
        file("site.json", JSON.stringify(SITE));
        file("people.csv", "id,name,groups\n" + Object.entries(PEOPLE).map(([id, [name, group]]) => `${id},${name},${group}\n`).join(""));
        const scans = Object.entries(PEOPLE).map(([id, [, , zone]]) => `${ago(1200)},person:${id},${zone}-door\n`);
        file("scans.csv", `time,band,reader\n${scans.join("")}${ago(300)},person:max,shed-door\n${ago(200)},04A22B9C115E80,hall-door\n1999-01-01T00:00:00Z,person:ann,hall-door\n1999-01-01T00:00:00Z,person:ben,shed-door\n`);
        run(["init", "--site", "site.json"]);
        run(["import", "people", "people.csv"]);
        run(["import", "scans", "scans.csv"]);
        run(["operator", "add", "signer", "--role", "admin"], PASSWORD + "\n");
        run(["token", "add", "--role", "reader", "--reader", "hall-door"]);
        let said = "";
        running = spawn(PROGRAM, ["--data", join(folder, "site.db"), "serve", "--listen", "127.0.0.1:0"], { stdio: ["ignore", "pipe", "pipe"] });
        for (const out of [running.stdout, running.stderr]) out.on("data", (part) => (said += part));
        await until(() => /listening on (http\S+)/.test(said), 10_000, `it does not listen: ${said}`);
        url = /listening on (http\S+)/.exec(said)[1];
        // A plan and purposes, so that there is something to ask for and to choose.
        const same = { "sec-fetch-site": "same-origin" };
        const cookie = await signedIn("signer", "");
        const send = (method, path, body, type) => fetch(url + path, { method, body, headers: { cookie, "content-type": type, ...same } }).then((r) => assert.ok(r.ok, `${path} ${r.status}`));
        const put = (path, body, type) => send("PUT", path, body, type);
        for (const [i, asker] of ASKERS.entries()) {
            asker.operator = `asker-${i}`;
            await send("POST", "/v1/operators", JSON.stringify({ name: asker.operator, role: asker.role, password: PASSWORD, ...asker.limits }), "application/json");
        }
        await put("/v1/plan", '<svg xmlns="http://www.w3.org/2000/svg" width="100" height="60"/>', "image/svg+xml");
        await put("/v1/plan/places", JSON.stringify({ places: ["hall", "shed"].map((zone, i) => ({ zone, x: i / 2, y: 0, w: 0.4, h: 0.4 })) }), "application/json");
        await put("/v1/purposes", JSON.stringify({ purposes: ["care"] }), "application/json");
    });
    after(async () => {
        if (running?.exitCode === null) {
            const gone = new Promise((done) => running.once("exit", done));
            running.kill("SIGTERM");
            await gone;
        }
        if (folder) rmSync(folder, { recursive: true, force: true });
    });

    async function signedIn(operator, purpose) {
        const answer = await fetch(`${url}/v1/session`, {
            method: "POST",
            body: JSON.stringify({ operator, password: PASSWORD, purpose }),
            headers: { "content-type": "application/json", "sec-fetch-site": "same-origin" },
        });
        assert.equal(answer.status, 200, operator);
        return answer.headers.get("set-cookie").split(";")[0];
    }

    test("every row has a page, or is said to have none", () => {
        assert.equal(rows.length, TABLE.match(/^RIGHT\(/gm).length);
        for (const row of rows) assert.notEqual(row.handler in MEANS, row.handler in NONE, `${row.method} ${row.pattern} (${row.handler}): say on which page it is, or that it is on none`);
        const known = new Set(rows.map((row) => row.handler));
        for (const handler of [...Object.keys(MEANS), ...Object.keys(NONE)]) assert.ok(known.has(handler), handler);
    });

    /** What one asker meets on a page. */
    async function visit(page, path) {
        const answers = [];
        let last = Date.now();
        const hear = (response) => {
            const address = new URL(response.url());
            last = Date.now();
            if (!address.pathname.startsWith("/v1/")) return;
            const row = rows.find((r) => r.method === response.request().method() && r.form.test(address.pathname));
            answers.push({ row, status: response.status(), address: address.pathname + address.search });
        };
        page.on("response", hear);
        await page.goto(url + path);
        await page.waitForSelector("main");
        await until(() => Date.now() - last > 350, 10_000, `${path} never rests`);
        page.off("response", hear);
        return { path, answers, text: await page.innerText("body") };
    }

    const sees = (asker, id) => {
        const [, group, zone] = PEOPLE[id];
        const { zones, groups } = asker.limits;
        return (!zones || zones.includes(zone)) && (!groups || groups.includes(group));
    };

    for (const asker of ASKERS) {
        test(asker.name, async (t) => {
            const stage = await browser(t);
            const faults = [];
            const check = (holds, what) => holds || faults.push(what);
            const [name, value] = (await signedIn(asker.operator, "care")).split("=");
            await stage.context.addCookies([{ name, value, url }]);
            const asked = new Map(); // page -> handlers
            for (const path of PAGES) {
                const seen = await visit(stage.page, path);
                asked.set(path, new Set(seen.answers.map((a) => a.row?.handler)));
                for (const { row, status, address } of seen.answers) {
                    check(row && asker.role in row.cells && row.cells[asker.role] !== "NO", `${path} asks ${address}`);
                    // Whether there is somebody whom one may see, only the server knows.
                    const unknown = row?.handler === "person_get" && path === `/person/${address.split("/")[3]}` && !sees(asker, address.split("/")[3]);
                    check((status !== 401 && status !== 403) || unknown, `${path}: ${address} is answered with ${status}`);
                }
                for (const [id, [full]] of Object.entries(PEOPLE)) if (!sees(asker, id)) check(!seen.text.includes(full), `${path} shows ${full}`);
                for (const [handler, means] of Object.entries(MEANS)) {
                    if (means.page !== path || !means.selector) continue;
                    const allowed = rows.find((r) => r.handler === handler).cells[asker.role] !== "NO";
                    const offered = (await stage.page.locator(means.selector).count()) > 0;
                    check(offered === allowed, `${path} ${offered ? "offers" : "does not offer"} ${handler}`);
                }
                // What is for somebody else says so.
                const zone = /zone=(\w+)/.exec(path)?.[1];
                const id = /person\/(\w+)/.exec(path)?.[1];
                const needs = { "/access": "operators_get", "/site": "site_put", "/kiosk": "scans_post" }[path];
                const closed =
                    (zone && asker.limits.zones && !asker.limits.zones.includes(zone)) || (id && !sees(asker, id)) ||
                    (needs && rows.find((r) => r.handler === needs).cells[asker.role] === "NO");
                const says = await stage.page.locator(".refusal").count();
                check(Boolean(closed) === says > 0, `${path} ${says ? "refuses" : "does not say that it is not for them"}`);
            }
            for (const [handler, means] of Object.entries(MEANS)) {
                const allowed = rows.find((r) => r.handler === handler).cells[asker.role] !== "NO";
                const nothing = asker.name.includes("nowhere") && /^(person|path|with|lookups|occupancy|plan)_get$/.test(handler);
                if (!means.asks || nothing || (means.page === "/access" && asker.role !== "admin")) continue;
                check(asked.get(means.page).has(handler) === allowed, `${means.page} ${allowed ? "does not ask" : "asks"} ${handler}`);
            }
            assert.deepEqual(faults, []);
            assert.deepEqual(stage.faults, []);
        });
    }
});
