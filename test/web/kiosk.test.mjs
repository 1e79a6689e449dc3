// The kiosk: bands by keyboard and camera, names, and a server that goes away.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { start } from "../../web/mock/server.mjs";
import { School } from "../../web/mock/school.mjs";
import { browser, filmOf, signIn, tap, until, whyNot } from "./stage.mjs";

const skip = whyNot();
const identity = (s) => [s.reader, s.band, s.time, s.direction ?? ""].join("|");

async function begin(page, url, query = "") {
    await page.goto(`${url}/kiosk?reader=hall-door${query}`);
    await page.click("button.main");
    await page.waitForSelector("main.kiosk");
}
const waiting = (page) => page.getAttribute("[data-waiting]", "data-waiting").then(Number);

describe("kiosk", { skip, timeout: 300_000 }, () => {
    test("a band by the keyboard gets a verdict with a name; nobody's band gets doubt", async (t) => {
        const server = await start({ people: 60 });
        t.after(() => server.stop());
        const { page, faults } = await browser(t);
        await signIn(page, server.url);
        await begin(page, server.url);
        await tap(page, "LARCH-p0007");
        await page.waitForSelector("[data-verdict=taken]");
        await page.waitForSelector(`text=${server.school.people.get("p0007").name}`);
        await tap(page, "04AABBCCDD");
        await page.waitForSelector("[data-verdict=doubt]");
        assert.deepEqual(server.received.map((s) => s.band), ["LARCH-p0007", "04AABBCCDD"]);
        assert.deepEqual(faults, []);
    });

    test("who has no band says the name", async (t) => {
        const server = await start({ people: 60 });
        t.after(() => server.stop());
        const { page } = await browser(t);
        await signIn(page, server.url);
        await begin(page, server.url);
        await page.click("text=Without a band");
        await page.fill("input[type=search]", "castro pim");
        await page.click(".names button >> nth=0");
        await page.waitForSelector("[data-verdict=taken]");
        assert.equal(server.received.length, 1);
        assert.match(server.received[0].band, /^person:p\d+$/);
    });

    test("a tablet with a token only says that it sees no names, and takes the number", async (t) => {
        const server = await start({ people: 60 });
        t.after(() => server.stop());
        const { page, faults } = await browser(t);
        await page.goto(`${server.url}/kiosk?reader=hall-door`);
        await page.fill("form label:has-text('Token') input", "wb_of-this-tablet");
        await page.click("button.main");
        await page.click("text=Without a band");
        await page.waitForSelector("text=sees no names");
        await page.fill("input[type=search]", "p0007");
        await page.click(".names button");
        await page.waitForSelector("[data-verdict=taken]");
        assert.deepEqual(server.received.map((s) => s.band), ["person:p0007"]);
        assert.deepEqual(faults, []);
    });

    test("the server goes away and comes back: no scan is lost, none counts twice, also over a reload", async (t) => {
        const school = new School({ people: 60 });
        let server = await start({ school });
        t.after(() => server.stop());
        const { port } = server;
        const { page } = await browser(t);
        await signIn(page, server.url);
        await begin(page, server.url, "&direction=in");
        await tap(page, "LARCH-p0001");
        await page.waitForSelector("[data-verdict=taken]");
        const before = [...server.received];
        await server.stop();
        const bands = ["LARCH-p0002", "LARCH-p0003", "LARCH-p0004", "LARCH-p0005"];
        for (const band of bands) {
            await tap(page, band);
            await page.waitForSelector("[data-verdict=doubt]");
        }
        await until(async () => (await waiting(page)) === 4);
        assert.match(await page.textContent(".top"), /4 wait/);
        // The tablet is switched off and on while the server is away: its pages are its own.
        await page.reload();
        await page.waitForSelector("[data-waiting='4']");
        await page.click("button.main");
        await page.waitForSelector("main.kiosk");
        await tap(page, "LARCH-p0006");
        await until(async () => (await waiting(page)) === 5);

        server = await start({ school, port });
        await until(async () => (await waiting(page)) === 0, 30_000, "they were never sent");
        const seen = [...before, ...server.received];
        const kinds = new Map(seen.map((s) => [identity(s), s]));
        assert.deepEqual([...new Set([...kinds.values()].map((s) => s.band))].sort(), ["LARCH-p0001", ...bands, "LARCH-p0006"]);
        assert.equal(kinds.size, 6, "each scan keeps one identity, however often it is sent");
        assert.equal(school.taken.size, 6);
        const times = server.received.map((s) => Date.parse(s.time));
        // A tablet that was switched on without the server has its own clock only.
        const latest = Math.max(server.now(), Date.now());
        assert.ok(times.every((t) => t < latest) && new Set(times).size === times.length, "each has its own time");
    });

    test("an answer that is lost on the way sends the same scan again, and it counts once", async (t) => {
        const server = await start({ people: 60 });
        t.after(() => server.stop());
        const { page } = await browser(t);
        await signIn(page, server.url);
        await begin(page, server.url);
        let lost = 0;
        await page.route("**/v1/scans", async (route) => {
            if (lost++ > 0) return route.continue();
            await route.fetch(); // the server has it; the answer never arrives
            await route.abort();
        });
        await tap(page, "LARCH-p0009");
        await until(() => server.received.length === 2);
        assert.equal(identity(server.received[0]), identity(server.received[1]));
        assert.equal(server.school.taken.size, 1);
        await until(async () => (await waiting(page)) === 0);
    });

    test("a printed code in front of the camera is a scan, once", async (t) => {
        const film = await filmOf("LARCH-p0011");
        const server = await start({ people: 60 });
        t.after(() => server.stop());
        const { page, asked, faults } = await browser(t, {
            args: ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream", `--use-file-for-fake-video-capture=${film}`],
        });
        await signIn(page, server.url);
        await begin(page, server.url, "&camera=1");
        await page.waitForSelector("[data-verdict=taken]");
        await page.waitForTimeout(1_500);
        assert.deepEqual(server.received.map((s) => s.band), ["LARCH-p0011"]);
        assert.deepEqual([...asked].filter((h) => h && h !== new URL(server.url).host), []);
        assert.deepEqual(faults, []);
    });
});
