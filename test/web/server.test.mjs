// The pages on the real server, over an invented school: what only the two together can show.
// WHEREABOUTS names the program, else build/whereabouts is taken; without one that serves, skipped.
// TIMEZONE names another zone of the site: Etc/GMT-2 is two hours ahead of UTC.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { browser, fastEnough, NAME, PASSWORD, signIn, tap, until, whyNot } from "./stage.mjs";

const PROGRAM = process.env.WHEREABOUTS ?? fileURLToPath(new URL("../../build/whereabouts", import.meta.url));

function serves() {
    if (!existsSync(PROGRAM)) return false;
    try {
        return /--listen/.test(execFileSync(PROGRAM, ["serve", "--help"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }));
    } catch {
        return false;
    }
}
const skip = whyNot() || (serves() ? false : `${PROGRAM} does not serve: build it, or name it in WHEREABOUTS`);

describe("pages and server", { skip, timeout: 400_000 }, () => {
    let folder;
    let running;
    let url;
    let port = 0;
    let stage;
    let page;
    let link;
    const ends = [];
    const data = () => join(folder, "site.db");
    const run = (...args) => execFileSync(PROGRAM, ["--data", data(), ...args], { encoding: "utf8", cwd: folder });

    async function serve() {
        let said = "";
        running = spawn(PROGRAM, ["--data", data(), "serve", "--listen", `127.0.0.1:${port}`], { stdio: ["ignore", "pipe", "pipe"] });
        for (const out of [running.stdout, running.stderr]) out.on("data", (part) => (said += part));
        await until(() => /listening on (http\S+)/.test(said), 20_000, `it does not listen: ${said}`);
        url = /listening on (http\S+)/.exec(said)[1];
        port = Number(new URL(url).port);
        if (link) return;
        await until(() => /http\S+\/first\S+/.test(said), 20_000, `it prints no link: ${said}`);
        link = /http\S+\/first\S+/.exec(said)[0];
    }
    const end = (signal) =>
        new Promise((done) => {
            running.once("exit", done);
            running.kill(signal);
        });
    /** Asked with the cookie of the page. */
    const ask = (path, method = "GET", body = undefined) =>
        page.evaluate(
            async ([p, m, b]) => {
                const response = await fetch(p, { method: m, ...(b ? { body: JSON.stringify(b), headers: { "content-type": "application/json" } } : {}) });
                const text = await response.text();
                return { status: response.status, body: text ? JSON.parse(text) : null };
            },
            [path, method, body],
        );

    before(async () => {
        folder = mkdtempSync(join(tmpdir(), "school-"));
        const today = new Date().toISOString().slice(0, 10);
        run("simulate", "--people", "200", "--days", "4", "--seed", "7", "--until", today, "--out", ".");
        if (process.env.TIMEZONE) {
            const site = JSON.parse(readFileSync(join(folder, "site.json"), "utf8"));
            writeFileSync(join(folder, "site.json"), JSON.stringify({ ...site, timezone: process.env.TIMEZONE }));
        }
        run("init", "--site", "site.json");
        run("import", "people", "people.csv");
        run("import", "bands", "--trust-learnt", "bands.csv");
        run("import", "scans", "--trust-learnt", "--complete", "scans.csv");
        await serve();
        stage = await browser({ after: (end) => ends.push(end) });
        page = stage.page;
    });
    after(async () => {
        for (const end of ends) await end();
        if (running?.exitCode === null && running?.signalCode === null) await end("SIGTERM");
        if (folder) rmSync(folder, { recursive: true, force: true });
    });

    test("the link that the server prints makes the first operator, once", async () => {
        assert.ok(link, "a link was printed");
        await page.goto(link);
        await page.fill("[name=operator]", NAME);
        await page.fill("[name=password]", PASSWORD);
        await page.fill("[name=again]", PASSWORD);
        await page.click("button.main");
        await page.waitForSelector("text=Sign in");
        await signIn(page, url);
        await page.waitForSelector("[data-zone=library]");
        const again = await ask("/v1/operators/first", "POST", { code: link.split("#")[1], name: "eve", password: PASSWORD });
        assert.ok(again.status === 403 || again.status === 401, `${again.status}`);
    });

    test("now has the counts of the command line", async () => {
        await page.goto(url);
        await page.waitForSelector("[data-zone=library]");
        // Somebody may be forgotten in between: then it is asked again.
        await until(async () => {
            const { zones } = (await ask("/v1/now?counts=true")).body;
            const shown = Number(await page.textContent("[data-figure=on-site]"));
            const said = JSON.parse(run("now", "--counts", "--json"));
            return shown === zones.reduce((sum, z) => sum + z.direct, 0) && JSON.stringify(said.zones) === JSON.stringify(zones);
        }, 5_000, "the page, the server and the command line never agree");
    });

    test("a posted scan is on now within a second", async (t) => {
        await page.goto(`${url}/?zone=oak`);
        await page.waitForSelector("[data-zone=oak]");
        await page.waitForSelector("[data-link=live]");
        await fastEnough(
            t,
            async (i) => {
                const { body: person } = await ask(`/v1/people/p000${5 + i}`);
                const begin = Date.now();
                const posted = await ask("/v1/scans", "POST", { scans: [{ reader: "oak-post", band: `person:${person.id}`, time: new Date().toISOString() }] });
                assert.equal(posted.body.accepted, 1, JSON.stringify(posted));
                await page.waitForSelector(`.list .line:has-text("${person.name}")`);
                return Date.now() - begin;
            },
            (ms) => ms < 1_000,
            (ms) => `on the page ${ms} ms after it was sent`,
        );
    });

    test("the slider shows the past as the command line tells it", async () => {
        const then = new Date(Math.floor((Date.now() - 2 * 86_400_000) / 60_000) * 60_000).toISOString();
        const told = JSON.parse(run("at", then, "--counts", "--json"));
        await page.goto(`${url}/time?at=${then}`);
        const total = told.zones.reduce((sum, z) => sum + z.direct, 0);
        await until(async () => Number(await page.textContent("[data-then=on-site]")) === total, 20_000, `never ${total}`);
        for (const z of told.zones.slice(0, 8)) assert.match(await page.getAttribute(`[data-zone="${z.zone}"]`, "aria-label"), new RegExp(`, ${z.count} (person|people)`));
    });

    test("who looked at a person is on their page", async () => {
        await page.goto(`${url}/person/p0009`);
        await page.waitForSelector("[data-where]");
        await page.reload();
        await page.waitForSelector("text=their way");
    });

    test("a viewer of one zone sees it, and nothing of what it may not", async (t) => {
        const made = await ask("/v1/operators", "POST", { name: "vic", password: PASSWORD, role: "viewer", zones: ["library"] });
        assert.equal(made.status, 201, JSON.stringify(made));
        const other = await browser(t);
        await other.page.goto(url);
        await other.page.fill("[name=operator]", "vic");
        await other.page.fill("[name=password]", PASSWORD);
        await other.page.click("button.main");
        await other.page.waitForSelector("[data-zone=library]");
        assert.equal(await other.page.locator("nav a[href='/access'], nav a[href='/site'], nav a[href='/kiosk']").count(), 0);
        // The zones above it are there so that it has its place; how many are in them is not told.
        const seen = await other.page.locator("[data-zone]").evaluateAll((all) => all.map((a) => [a.dataset.zone, /, (\d+) p/.exec(a.getAttribute("aria-label"))?.[1]]));
        assert.deepEqual(seen.filter(([, count]) => count !== undefined).map(([zone]) => zone), ["library"], JSON.stringify(seen));
        const outside = await other.page.evaluate(() => fetch("/v1/now?zone=refectory").then((r) => r.status));
        const nowhere = await other.page.evaluate(() => fetch("/v1/now?zone=there-is-none").then((r) => r.status));
        assert.equal(outside, nowhere);
        assert.ok(outside === 403 || outside === 404, `${outside}`);
        await ask("/v1/operators/vic", "DELETE");
        await other.page.waitForSelector("[name=operator]");
    });

    test("the kiosk survives a server that is killed: every scan is there once", async () => {
        await page.goto(`${url}/kiosk?reader=oak-post`);
        await page.waitForSelector("select");
        await page.click("button.main");
        await page.waitForSelector("main.kiosk");
        const waiting = () => page.getAttribute("[data-waiting]", "data-waiting").then(Number);
        await tap(page, "person:p0011");
        await page.waitForSelector("[data-verdict=taken]");
        await end("SIGKILL");
        for (const person of ["p0012", "p0013", "p0014"]) await tap(page, `person:${person}`);
        await until(async () => (await waiting()) === 3);
        await serve();
        await until(async () => (await waiting()) === 0, 30_000, "they were never sent");
        for (const person of ["p0011", "p0012", "p0013", "p0014"]) {
            const { body } = await ask(`/v1/people/${person}/path?from=${new Date(Date.now() - 3600_000).toISOString()}`);
            const stays = body.stays.filter((s) => s.zone === "oak");
            assert.equal(stays.length, 1, person);
            assert.equal(stays[0].scans, 1, person);
        }
    });

    test("the pages broke no policy of the server and asked nobody else", () => {
        assert.deepEqual(stage.faults, []);
        assert.deepEqual([...stage.asked].filter((host) => host && host !== new URL(url).host), []);
    });
});
