// The pages in a real browser, against the stand-in for the server.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { start } from "../../web/mock/server.mjs";
import { iso, School, site } from "../../web/mock/school.mjs";
import { browser, fastEnough, fromWeb, hourOf, signIn, tap, until, whyNot } from "./stage.mjs";

const skip = whyNot();
const DAY = 86_400_000;
const TIMEZONE = site.timezone;

describe("pages", { skip, timeout: 600_000 }, () => {
    let server;
    let stage;
    let page;
    const ends = [];
    before(async () => {
        server = await start({ people: 400 });
        stage = await browser({ after: (end) => ends.push(end) });
        page = stage.page;
        await signIn(page, server.url);
    });
    after(async () => {
        for (const end of ends) await end();
        await server?.stop();
    });
    const open = async (path) => {
        await page.goto(server.url + path);
        await page.waitForSelector("header nav");
    };
    const figure = async (name) => Number(await page.textContent(`[data-figure=${name}]`));
    const post = (scans) =>
        page.evaluate((body) => fetch("/v1/scans", { method: "POST", body: JSON.stringify(body), headers: { "content-type": "application/json" } }).then((r) => r.json()), { scans });

    test("a wrong password is refused in words, and the right one lets in", async (t) => {
        const other = await browser(t);
        await other.page.goto(server.url);
        await other.page.fill("[name=operator]", "ruth");
        await other.page.fill("[name=password]", "wrong");
        await other.page.click("button.main");
        assert.match(await other.page.textContent("[role=alert]"), /not right/);
        assert.equal(await other.page.isVisible("header nav"), false);
        await signIn(other.page, server.url);
        await other.page.click("text=Sign out");
        await other.page.waitForSelector("[name=operator]");
    });

    test("now shows the counts that the server has", async () => {
        await open("/");
        await page.waitForSelector("[data-zone=hall]");
        const counts = server.school.counts(server.now());
        assert.equal(await figure("on-site"), counts.zones.filter((z) => z.zone === "house" || z.zone === "grounds").reduce((s, z) => s + z.count, 0));
        assert.equal(await figure("outside"), counts.outside);
        assert.equal(await figure("unknown"), counts.unknown);
        for (const z of counts.zones) assert.match(await page.getAttribute(`[data-zone=${z.zone}]`, "aria-label"), new RegExp(`, ${z.count} (people|person)`));
        assert.equal(await page.getAttribute("[data-link]", "data-link"), "live");
    });

    test("a scan moves a person on now within a second", async (t) => {
        await open("/?zone=oak");
        await page.waitForSelector("[data-link=live]");
        const elsewhere = [...server.school.people.keys()].filter((p) => server.school.where(p, server.now()).zone !== "oak");
        await fastEnough(
            t,
            async (i) => {
                const { name } = server.school.people.get(elsewhere[i]);
                assert.equal(await page.locator(".list .line", { hasText: name }).count(), 0);
                const begin = Date.now();
                assert.equal((await post([{ reader: "oak-post", band: `person:${elsewhere[i]}`, time: iso(server.now()) }])).accepted, 1);
                await page.waitForSelector(`.list .line:has-text("${name}")`);
                return Date.now() - begin;
            },
            (ms) => ms < 1_000,
            (ms) => `on the page after ${ms} ms`,
        );
        const count = server.school.counts(server.now()).zones.find((z) => z.zone === "oak").count;
        await until(async () => (await page.getAttribute("[data-zone=oak]", "aria-label")).includes(`, ${count} p`));
    });

    test("who is in sight is watched, and nobody else", async () => {
        const last = async (what, words) => until(() => server.watched.at(-1) === what, 5_000, `${words}: ${server.watched.at(-1)}`);
        await open("/");
        await last("", "everyone");
        await page.click("[data-zone=library]");
        await last("library", "the zone that is chosen");
        await page.waitForSelector("[data-list=library]");
        // Who comes to the zone comes into the list, and who leaves it goes from there.
        const id = "p0101";
        const { name } = server.school.people.get(id);
        assert.equal((await post([{ reader: "library-door", band: `person:${id}`, time: iso(server.now()), direction: "in" }])).accepted, 1);
        await page.waitForSelector(`.list .line:has-text("${name}")`);
        assert.equal((await post([{ reader: "bay-door", band: `person:${id}`, time: iso(server.now()) }])).accepted, 1);
        await page.waitForSelector(`.list .line:has-text("${name}")`, { state: "detached" });
        await page.click("nav a[href='/readers']");
        await last("counts", "on the page of readers nobody");
        await page.goto(`${server.url}/person/${id}`);
        await last("sick-bay", "where the person is");
        assert.equal((await post([{ reader: "oak-post", band: `person:${id}`, time: iso(server.now()) }])).accepted, 1);
        await page.waitForSelector("[data-where=oak]");
        await last("oak", "where the person is now");
        await page.goto(`${server.url}/?zone=nowhere`);
        await page.waitForSelector(".refusal");
        await last("counts", "a zone that is not there");
        await page.waitForSelector("[data-link=live]");
    });

    test("what is unusual is said with its reason", async () => {
        await open("/");
        await page.waitForSelector(".findings li");
        const said = await page.textContent(".findings");
        assert.match(said, /East stair silent for 1\d min/);
        const [over] = server.school.counts(server.now()).zones.filter((z) => z.count > ({ hall: 120, library: 60, art: 30, dining: 80 }[z.zone] ?? Infinity));
        if (over) assert.match(said, /people where \d+ may be/);
    });

    test("search finds as one types, and the link carries it", async () => {
        await open("/");
        const wanted = server.school.people.get("p0042");
        await page.fill("input[type=search]", wanted.name.split(",")[0].slice(0, 3).toLowerCase() + " " + wanted.name.split(" ")[1].toLowerCase());
        await page.waitForSelector(`.list .line:has-text("${wanted.name}")`);
        assert.match(page.url(), /q=/);
        await page.reload();
        await page.waitForSelector(`.list .line:has-text("${wanted.name}")`);
        await page.click(`.line a:has-text("${wanted.name}")`);
        await page.waitForSelector("[data-where]");
        assert.match(page.url(), /\/person\/p0042$/);
    });

    test("a person's page says where, since when, and on what evidence", async () => {
        await open("/person/p0007");
        await page.waitForSelector("[data-where]");
        assert.equal(await page.getAttribute("[data-where]", "data-where"), server.school.where("p0007", server.now()).zone);
        assert.match(await page.textContent(".where"), /last seen .* at /);
        assert.match(await page.textContent(".where"), /East stair/);
        const today = await page.locator(".stays tbody tr").count();
        assert.ok(today > 0);
        assert.ok((await page.locator(".weekday svg .stay").count()) > 10);
        await page.waitForSelector("text=their way");
        await page.click(".days a >> nth=0");
        await page.waitForURL(/day=\d{4}-\d\d-\d\d/);
        await page.reload();
        await page.waitForSelector(".stays tbody tr");
    });

    test("the slider shows the past, and it is what the server says of it", async () => {
        const then = hourOf(TIMEZONE, 11, 3, server.now()); // the slider ends where the day does
        await open(`/time?at=${new Date(then).toISOString()}&zone=library`);
        const library = (t) => server.school.counts(t).zones.find((z) => z.zone === "library").count;
        const label = () => page.getAttribute("[data-zone=library]", "aria-label");
        await until(async () => (await label())?.includes(`, ${library(then)} p`), 20_000, `never ${library(then)}`);
        const shown = await page.locator(".list .line").count();
        assert.ok(shown > 0 && shown <= library(then));
        await page.focus("input[type=range]");
        for (let i = 0; i < 45; i++) await page.keyboard.press("ArrowLeft");
        const earlier = then - 45 * 60_000;
        await until(async () => (await label())?.includes(`, ${library(earlier)} p`), 20_000, `never ${library(earlier)}`);
        await until(() => decodeURIComponent(page.url()).includes(new Date(earlier).toISOString()));
    });

    test("time plays at thirty moments a second", async (t) => {
        // From early in the day: at the end of a day it stops.
        await open(`/time?at=${new Date(hourOf(TIMEZONE, 2, 2, server.now())).toISOString()}`);
        await page.waitForSelector("[data-zone=library]");
        await page.selectOption("label:has-text('Speed') select", "60");
        const frames = () => page.getAttribute("[data-moment]", "data-frames").then(Number);
        await fastEnough(
            t,
            async () => {
                await page.click("button:has-text('Play')");
                await page.waitForTimeout(700); // the first moments come
                const [first, begin] = [await frames(), Date.now()];
                await page.waitForTimeout(2_000);
                const rate = ((await frames()) - first) / ((Date.now() - begin) / 1000);
                await page.click("button:has-text('Pause')");
                return rate;
            },
            (rate) => rate >= 24,
            (rates) => `${rates} moments a second`,
        );
    });

    test("what was believed is told from what was true, and the difference is marked", async () => {
        let then = server.now() - DAY;
        const differ = (t) => [...server.school.people.keys()].filter((p) => server.school.where(p, t).zone !== server.school.where(p, t, t).zone);
        while (differ(then).length === 0) then -= 60_000;
        then = Math.floor(then / 60_000) * 60_000;
        await open(`/time?view=compare&at=${new Date(then).toISOString()}`);
        const real = (p, k) => !["outside", "unknown"].includes(server.school.where(p, then, k).zone);
        const expected = differ(then).filter((p) => real(p) || real(p, then)).length;
        await page.waitForSelector(`text=/^${expected} (people were|person was) believed elsewhere/`);
        const marked = await page.locator(".list .line .tag.doubt").count(); // of those in sight
        assert.ok(marked > 0 && marked <= expected, `${marked} of ${expected}`);
    });

    test("a held band is paired, a wrong clock is released", async () => {
        await open("/readers");
        await page.click("text=Whose is it?");
        await page.fill(".pairing input", "castro");
        await page.click(".pairing li button >> nth=0");
        await page.waitForSelector(".done");
        await page.click("button:has-text('Release')");
        await page.fill("label:has-text('Why') input", "clock battery");
        await page.click("form button.main");
        await page.waitForSelector("text=Art room door are released");
        assert.equal(await page.locator("text=Scans with an impossible time").count(), 0);
    });

    test("an operator and a token are made; the token is shown once", async () => {
        await open("/access");
        await page.click("summary:has-text('Add an operator')");
        const form = page.locator("form", { hasText: "Password" });
        await form.getByLabel("Name").fill("mo");
        await form.getByLabel("Password").fill("twelve letters");
        await form.locator("button.main").click();
        await page.waitForSelector("td:has-text('mo')");
        await page.click("summary:has-text('Add a token')");
        await page.locator("form", { hasText: "Expires in" }).locator("button.main").click();
        await page.waitForSelector("code");
        assert.match(await page.textContent("code"), /^wb_/);
        await page.reload();
        await page.waitForSelector("td:has-text('t1')");
        assert.equal(await page.locator("code").count(), 0);
    });

    test("a refused site names line and column, and the text shows them", async () => {
        await open("/site");
        await page.waitForSelector("section[aria-label=Zones] input");
        await page.click("button:has-text('Text')");
        await page.fill("textarea", '{\n  "id": "larch",\n  "name" }\n');
        await page.click("button:has-text('Save')");
        assert.match(await page.textContent("[role=alert]"), /line 3, column 7/);
        const selected = await page.evaluate(() => {
            const area = document.querySelector("textarea");
            return area.value.slice(0, area.selectionStart).split("\n").length;
        });
        await until(async () => selected === 3 || (await page.evaluate(() => document.querySelector("textarea").value.slice(0, document.querySelector("textarea").selectionStart).split("\n").length)) === 3);
    });

    test("a drawing carries the zones that were dragged onto it", async () => {
        await open("/site");
        const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="800" height="400"><rect width="800" height="400" fill="#eee"/></svg>';
        await page.setInputFiles("input[type=file]", { name: "plan.svg", mimeType: "image/svg+xml", buffer: Buffer.from(svg) });
        await page.selectOption("label:has(select):has-text('Zone') select >> nth=-1", "hall");
        await page.click("button:has-text('Put on the drawing')");
        const box = page.locator("svg g[role=group]");
        const at = await box.boundingBox();
        await page.mouse.move(at.x + 40, at.y + 40);
        await page.mouse.down();
        await page.mouse.move(at.x - 60, at.y + 40, { steps: 5 });
        await page.mouse.up();
        await page.click("button:has-text('Save places')");
        await page.waitForSelector(".done");
        const { places } = await page.evaluate(() => fetch("/v1/plan/places").then((r) => r.json()));
        assert.equal(places.length, 1);
        assert.ok(places[0].x < 0.35 && places[0].x > 0.2, `${places[0].x}`);
        await open("/");
        await page.waitForSelector("image.drawing");
        await page.evaluate(() => fetch("/v1/plan/places", { method: "PUT", body: '{"places":[]}' }));
    });

    test("a broken link shows a page in words", async () => {
        const before = stage.faults.length;
        for (const path of ["/person/p0007?day=2016-13-40", "/person/p0007?day=2999-01-01", "/time?at=yesterday&days=3&view=x"]) {
            await open(path);
            await page.waitForSelector("[data-where], [data-then]");
        }
        for (const path of ["/person/%E0%A4%A", "/person/nobody"]) {
            await open(path);
            await page.waitForSelector(".refusal");
        }
        await open("/nowhere");
        await page.waitForSelector("text=There is no such page");
        assert.deepEqual(stage.faults.slice(before), []);
    });

    test("german has every page", async () => {
        await open("/");
        await page.selectOption("footer label:has-text('Language') select", "de");
        await page.waitForSelector("nav >> text=Jetzt");
        await open("/time");
        await page.waitForSelector("button:has-text('Abspielen')");
        assert.equal(await page.getAttribute("html", "lang"), "de");
        await page.selectOption("footer select >> nth=-1", "en");
        await page.waitForSelector("nav >> text=Now");
    });

    test("the keyboard alone reaches the zones and the people", async () => {
        await open("/");
        await page.waitForSelector(".line");
        await page.focus("[data-zone=library]");
        await page.keyboard.press("Enter");
        await page.waitForURL(/zone=library/);
        await page.locator("body").press("/");
        assert.equal(await page.evaluate(() => document.activeElement.type), "search");
    });

    test("nothing is wider than the window, on a phone and at twice the size", async () => {
        for (const width of [390, 640]) {
            await page.setViewportSize({ width, height: 800 });
            for (const path of ["/", "/?zone=hall", "/person/p0003", "/time", "/readers", "/access", "/site", "/kiosk"]) {
                await page.goto(server.url + path);
                await page.waitForSelector("main");
                await page.waitForTimeout(150);
                const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
                assert.ok(over <= 0, `${path} at ${width}: ${over} px too wide`);
            }
        }
        await page.setViewportSize({ width: 1280, height: 860 });
    });

    test("axe finds no violation on any page, light and dark, wide and narrow", async (t) => {
        const axe = readFileSync(fromWeb.resolve("axe-core/axe.min.js"), "utf8");
        const look = async (on, words) => {
            // The policy of the pages holds for tests too: axe comes in past it, as the browser's own.
            const client = await on.context().newCDPSession(on);
            await client.send("Runtime.evaluate", { expression: axe });
            await client.detach();
            const { violations } = await on.evaluate(() => window.axe.run(document));
            assert.deepEqual(violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html.slice(0, 160)).join(" | ")}`), [], words);
        };
        const stranger = (await browser(t)).page;
        for (const [colorScheme, width] of [["light", 1280], ["dark", 1280], ["light", 390], ["dark", 390]]) {
            for (const one of [page, stranger]) {
                await one.emulateMedia({ colorScheme });
                await one.setViewportSize({ width, height: 860 });
            }
            for (const path of ["/", "/?zone=hall", "/?q=castro", "/person/p0006", "/time?view=compare", "/readers", "/access", "/site", "/kiosk?reader=hall-door"]) {
                await page.goto(server.url + path);
                await page.waitForSelector("main");
                await page.waitForTimeout(400);
                await look(page, `${path} ${colorScheme} ${width}`);
            }
            await page.click("button.main");
            await page.waitForSelector("main.kiosk");
            await look(page, `kiosk at rest ${colorScheme} ${width}`);
            await tap(page, "LARCH-p0008");
            await page.waitForSelector("[data-verdict=taken]");
            await look(page, `kiosk with a verdict ${colorScheme} ${width}`);
            for (const path of ["/", "/first#code"]) {
                await stranger.goto(server.url + path);
                await stranger.waitForSelector("main form");
                await look(stranger, `stranger ${path} ${colorScheme} ${width}`);
            }
        }
        await page.emulateMedia({ colorScheme: "light" });
        await page.setViewportSize({ width: 1280, height: 860 });
    });

    test("when the server goes away the page says so, and comes back by itself", async (t) => {
        const own = await start({ people: 50 });
        t.after(() => own.stop());
        const other = await browser(t);
        await signIn(other.page, own.url);
        await other.page.waitForSelector("[data-link=live]");
        await own.stop();
        await other.page.waitForSelector("[data-link=away]");
        assert.match(await other.page.textContent("[data-link]"), /server away, heard \d+ s ago/);
        assert.ok(await other.page.isVisible("[data-zone=hall]"), "what was known stays in sight");
    });

    test("the page asked nobody but its own server, and broke no policy", () => {
        assert.deepEqual([...stage.asked].filter((host) => host !== new URL(server.url).host && host !== ""), []);
        assert.deepEqual(stage.faults, []);
    });
});

// Every moment by the clock of the site at which something could go wrong: Europe/London.
const HOURS = {
    "just before midnight": "2026-11-22T23:59:52Z",
    "in the first minute of a day": "2026-11-23T00:00:20Z",
    "an hour after midnight": "2026-11-23T01:00:30Z",
    "just before the clocks go forward": "2026-03-29T00:59:50Z",
    "on the day when they went forward": "2026-03-29T11:00:00Z",
    "in an hour that comes twice, the first time": "2026-10-25T00:30:00Z",
    "in an hour that comes twice, the second time": "2026-10-25T01:30:00Z",
};

describe("at any hour", { skip, timeout: 600_000 }, () => {
    for (const [name, moment] of Object.entries(HOURS)) {
        test(name, async (t) => {
            const ahead = Date.parse(moment) - Date.now();
            const server = await start({ people: 60, clock: () => Date.now() + ahead });
            t.after(() => server.stop());
            const { page, faults } = await browser(t);
            await signIn(page, server.url);
            await page.waitForSelector(".list .line");
            // Whole times, also those of yesterday.
            const cut = await page.locator(".list .line td.when").evaluateAll((all) => all.filter((td) => td.offsetWidth > 0 && td.scrollWidth > td.clientWidth).map((td) => td.textContent));
            assert.deepEqual(cut, []);

            await page.goto(`${server.url}/time`);
            await page.waitForSelector("[data-zone=library]");
            const slider = page.locator("input[type=range]");
            const at = async () => ({ value: Number(await slider.inputValue()), least: Number(await slider.getAttribute("min")), most: Number(await slider.getAttribute("max")), moment: await page.textContent("[data-moment]") });
            const onSite = (ms) => server.school.counts(ms).zones.reduce((sum, z) => sum + z.direct, 0);
            const begun = await at();
            assert.ok(begun.least <= begun.value && begun.value <= begun.most, JSON.stringify(begun));
            assert.ok(Math.abs(server.now() - 2 * 3600_000 - begun.value) < 120_000, "two hours ago, as the page begins");
            const hour = (ms) => new Intl.DateTimeFormat("en-GB", { timeZone: TIMEZONE, hour: "2-digit", minute: "2-digit" }).format(ms);
            assert.ok(begun.moment.startsWith(hour(begun.value)), begun.moment);
            await until(async () => Number(await page.textContent("[data-then=on-site]")) === onSite(begun.value));
            // On: by the slider as far as it goes, and to the end of a day of 23, 24 or 25 hours.
            await slider.focus();
            await page.keyboard.press("Home");
            await until(async () => (await at()).value === begun.least);
            assert.ok((await at()).moment.startsWith("00:00"));
            const hours = (begun.most + 60_000 - begun.least) / 3600_000;
            assert.ok([23, 24, 25].includes(hours), `${hours}`);

            const [id] = server.school.people.keys();
            await page.goto(`${server.url}/person/${id}`);
            await page.waitForSelector("[data-where]");
            await page.waitForSelector("h2:has-text('Today')");
            assert.equal(await page.locator(".weekday").count(), 7);
            const days = await page.locator(".weekday a").allTextContents();
            assert.equal(new Set(days).size, 7, days.join());
            await page.click("[aria-label='The day before']");
            await page.click("[aria-label='The day after']");
            await page.waitForSelector("h2:has-text('Today')");
            assert.equal(await page.locator("[aria-label='The day after']").count(), 0);
            // Ticks at hours of the clock on the wall.
            for (const tick of await page.locator("text.hour").allTextContents()) assert.match(tick, /^(00|03|06|09|12|15|18|21):00$/);
            assert.deepEqual(faults, []);
        });
    }
});

describe("a large site", { skip, timeout: 180_000 }, () => {
    test("now with 5,000 people is usable within a second of its first byte", async (t) => {
        const server = await start({ school: new School({ people: 5_000, days: 1 }) });
        t.after(() => server.stop());
        const { page } = await browser(t);
        await signIn(page, server.url);
        await page.waitForSelector(".line");
        await fastEnough(
            t,
            async () => {
                const begin = Date.now();
                await page.goto(server.url + "/");
                await page.waitForSelector(".line");
                await page.fill("input[type=search]", "ban");
                await page.waitForSelector(".line:has-text('Banerjee')");
                return Date.now() - begin;
            },
            (ms) => ms < 1_000,
            (ms) => `opened, listed and searched in ${ms} ms`,
        );
        assert.ok((await page.locator(".line").count()) < 120, "only rows in sight are made");
    });

    test("a register of 50,000 is searched by the server as one types", async (t) => {
        const server = await start({ school: new School({ people: 50_000, days: 0 }) });
        t.after(() => server.stop());
        const { page } = await browser(t);
        await signIn(page, server.url);
        await page.waitForSelector("[data-zone=hall]");
        const begin = Date.now();
        await page.fill("input[type=search]", "p49999");
        await page.waitForSelector(".line:has-text('Osei'), .line:has-text(',')");
        t.diagnostic(`found in ${Date.now() - begin} ms`);
        assert.equal(await page.locator(".line").count(), 1);
    });
});

describe("the first operator", { skip, timeout: 120_000 }, () => {
    test("is made by a link that works once", async (t) => {
        const server = await start({ people: 20, operators: false });
        t.after(() => server.stop());
        const { page } = await browser(t);
        const fill = async () => {
            await page.goto(server.url + "/first?code=first-code");
            await page.fill("[name=operator]", "ruth");
            await page.fill("[name=password]", "correct horse battery");
            await page.fill("[name=again]", "correct horse battery");
            await page.click("button.main");
        };
        await fill();
        await signIn(page, server.url);
        await fill();
        assert.match(await page.textContent("[role=alert]"), /used/);
    });
});
