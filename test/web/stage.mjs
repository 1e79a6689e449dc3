// What the tests of the pages stand on: Debian's Chromium, the stand-in for the server, and a sign-in.
// Where there is no Chromium, or the pages are not built, tests are skipped and say so.
import { existsSync, mkdtempSync, rmSync, writeFileSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const WEB = fileURLToPath(new URL("../../web/", import.meta.url));
export const DIST = join(WEB, "dist");
export const fromWeb = createRequire(join(WEB, "package.json"));

const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";

export function whyNot() {
    if (!existsSync(join(DIST, "index.html"))) return "the pages are not built: npm run build";
    if (!existsSync(CHROMIUM)) return `there is no ${CHROMIUM}: install chromium`;
    return false;
}

export const NAME = "ruth";
export const PASSWORD = "correct horse battery";

/** The moment when it was `hour` o'clock (of 24) by that zone's clock, so many days before now. */
export function hourOf(timeZone, hour, daysAgo, now) {
    const day = new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short" }).format(now - daysAgo * 86_400_000);
    const clock = new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short", timeStyle: "short" });
    const wanted = `${day} ${String(hour).padStart(2, "0")}:00`;
    const asUtc = Date.parse(`${wanted.replace(" ", "T")}:00Z`);
    for (let quarter = -56; quarter <= 60; quarter++) {
        const at = asUtc + quarter * 900_000;
        if (clock.format(at) === wanted) return at;
    }
    throw new Error(`${wanted} does not occur in ${timeZone}`);
}

/** A browser of its own, with an empty profile; after the test (or what else has an after) nothing is left of it. */
export async function browser(t, { args = [], ...options } = {}) {
    const { chromium } = fromWeb("playwright-core");
    const profile = mkdtempSync(join(tmpdir(), "pages-"));
    const quiet = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
    const context = await chromium.launchPersistentContext(profile, {
        executablePath: CHROMIUM,
        headless: true,
        args: ["--no-sandbox", ...quiet, ...args],
        locale: "en-GB",
        viewport: { width: 1280, height: 860 },
        ...options,
    });
    t.after(async () => {
        await context.close();
        rmSync(profile, { recursive: true, force: true });
    });
    context.setDefaultTimeout(20_000); // a machine may be busy
    const faults = [];
    const asked = new Set();
    const page = context.pages()[0] ?? (await context.newPage());
    page.on("pageerror", (error) => faults.push(String(error)));
    page.on("console", (message) => {
        if (/Content Security Policy|Refused to/.test(message.text())) faults.push(message.text());
    });
    page.on("request", (request) => asked.add(new URL(request.url()).host));
    return {
        page,
        context,
        faults,
        /** every host that the page asked for anything */
        asked,
    };
}

export async function signIn(page, url) {
    await page.goto(url);
    await page.fill("[name=operator]", NAME);
    await page.fill("[name=password]", PASSWORD);
    await page.click("button.main");
    await page.waitForSelector("header nav");
}

/** A band as a reader types it that is a keyboard: all at once, however busy the machine is. */
export const tap = (page, band) => Promise.all([...band, "Enter"].map((key) => page.keyboard.press(key)));

/** A film of a printed code in front of the camera, as uncompressed y4m of a few frames. */
export async function filmOf(text) {
    const writer = await import(fromWeb.resolve("zxing-wasm/writer"));
    const wasm = readFileSync(fromWeb.resolve("zxing-wasm/writer/zxing_writer.wasm"));
    writer.prepareZXingModule({ overrides: { wasmBinary: wasm.buffer.slice(wasm.byteOffset, wasm.byteOffset + wasm.length) } });
    const { symbol } = await writer.writeBarcode(text, { format: "QRCode" });
    const [width, height, cell] = [640, 480, 14];
    const left = (width - symbol.width * cell) >> 1;
    const top = (height - symbol.height * cell) >> 1;
    const light = Buffer.alloc(width * height, 235);
    for (let y = 0; y < symbol.height * cell; y++)
        for (let x = 0; x < symbol.width * cell; x++) {
            const dark = symbol.data[Math.floor(y / cell) * symbol.width + Math.floor(x / cell)] === 0;
            if (dark) light[(top + y) * width + left + x] = 16;
        }
    const colour = Buffer.alloc((width * height) / 2, 128);
    const frame = Buffer.concat([Buffer.from("FRAME\n"), light, colour]);
    const file = join(mkdtempSync(join(tmpdir(), "film-")), "code.y4m");
    writeFileSync(file, Buffer.concat([Buffer.from(`YUV4MPEG2 W${width} H${height} F10:1 Ip A1:1 C420jpeg\n`), ...Array(10).fill(frame)]));
    return file;
}

export const until = async (holds, ms = 20_000, what = "it did not come about") => {
    const end = Date.now() + ms;
    for (;;) {
        if (await holds()) return;
        if (Date.now() > end) throw new Error(what);
        await new Promise((done) => setTimeout(done, 20));
    }
};

/** Measured until it is good enough, three times at most; on a machine that has more to do than it has processors,
    six times, and then it is said and not judged: what else the machine does is not the page's. */
export async function fastEnough(t, measure, good, words) {
    const found = [];
    const busy = () => loadavg()[0] > cpus().length;
    for (let i = 0; i < (busy() ? 6 : 3); i++) {
        found.push(await measure(i));
        if (good(found[i])) break;
    }
    const said = words(found.map((n) => (n < 100 ? n.toFixed(1) : n.toFixed(0))).join(", "));
    t.diagnostic(said);
    if (good(found.at(-1))) return;
    if (busy()) t.skip(`the machine is too busy to judge: ${said}`);
    else throw new Error(said);
}
