// What is built: small, whole, and without a word to anybody else. Needs no browser.
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { DIST, WEB } from "./stage.mjs";

const FIRST_LOAD_BYTES_MAX = 60_000; // compressed; 150,000 is promised
const skip = existsSync(join(DIST, "index.html")) ? false : "the pages are not built: npm run build";
const text = (path) => readFileSync(join(DIST, path), "utf8");

test("the first load is small", { skip }, (t) => {
    const html = text("index.html");
    const first = [...html.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map((m) => m[1]);
    const signIn = readdirSync(join(DIST, "assets")).filter((f) => /^(SignIn|input)-/.test(f)).map((f) => `/assets/${f}`);
    const bytes = ["/index.html", ...first, ...signIn].reduce((sum, path) => sum + gzipSync(readFileSync(join(DIST, path))).length, 0);
    t.diagnostic(`first load with sign-in and Now: ${bytes} bytes compressed`);
    assert.ok(bytes < FIRST_LOAD_BYTES_MAX, `${bytes} bytes`);
});

test("index.html has no inline script, style or handler", { skip }, () => {
    const html = text("index.html");
    assert.doesNotMatch(html, /<script(?![^>]*\ssrc=)/);
    assert.doesNotMatch(html, /<style|\sstyle=|\son\w+=/);
});

test("no built file fetches from another host", { skip }, () => {
    const named = /(?:fetch|import|src|href|url)\s*[=(]\s*["'`]https?:/;
    for (const file of readdirSync(join(DIST, "assets")).filter((f) => /\.(js|css)$/.test(f))) assert.doesNotMatch(text(`assets/${file}`), named, file);
    for (const css of readdirSync(join(DIST, "assets")).filter((f) => f.endsWith(".css"))) assert.doesNotMatch(text(`assets/${css}`), /url\((?!["']?\/assets)/, css);
});

test("every file below assets has a hash in its name", { skip }, () => {
    for (const file of readdirSync(join(DIST, "assets"))) assert.match(file, /-[\w-]{8}\.\w+$/);
});

test("the lock file holds no address, and versions are exact", () => {
    const lock = readFileSync(join(WEB, "package-lock.json"), "utf8");
    assert.doesNotMatch(lock, /"resolved"|https?:\/\/(?!github\.com|opencollective|paulmillr|tidelift|www\.patreon|funding|feross)[\w.-]*(registry|npm)/);
    const { devDependencies } = JSON.parse(readFileSync(join(WEB, "package.json"), "utf8"));
    for (const [name, version] of Object.entries(devDependencies)) assert.match(version, /^\d+\.\d+\.\d+$/, name);
});

// Words that a person reads belong into the catalogue: what is left of a template without its tags,
// expressions and comments has no letters.
test("no page has words of its own", () => {
    const files = ["App.svelte", ...["pages", "parts"].flatMap((d) => readdirSync(join(WEB, "src", d)).filter((f) => f.endsWith(".svelte")).map((f) => `${d}/${f}`))];
    for (const file of files) {
        let markup = readFileSync(join(WEB, "src", file), "utf8");
        markup = markup.replace(/<!--[\s\S]*?-->|<script[\s\S]*?<\/script>|<style[\s\S]*?<\/style>/g, "");
        for (const [, words] of markup.matchAll(/\s(?:aria-label|placeholder|title|alt)="([^"{]*[A-Za-z]{2}[^"{]*)"/g))
            assert.match(words, /^-?\d+[a-z]$/, `${file}: ${words}`);
        for (let before = ""; before !== markup; ) {
            before = markup;
            markup = markup.replace(/\{[^{}]*\}/g, "");
        }
        markup = markup.replace(/<[^>]*>/g, "");
        assert.doesNotMatch(markup, /[A-Za-z]{2}/, `${file}: ${markup.replace(/\s+/g, " ").trim()}`);
    }
});
