// usage: node lint.mjs PROGRAM
// Redocly's linter on the OpenAPI document of the built program, served over an empty site.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createConfig, formatProblems, getTotals, lintFromString } from "@redocly/openapi-core";

const site = {
    id: "larch", name: "Larch House", timezone: "UTC",
    zones: [{ id: "house" }],
    readers: [{ id: "front-in", enter: "house" }],
};

/** What the program answers to GET /v1/openapi.json. */
async function documentOf(program) {
    const folder = mkdtempSync(join(tmpdir(), "openapi-"));
    const data = ["--data", join(folder, "site.db")];
    let server;
    try {
        writeFileSync(join(folder, "site.json"), JSON.stringify(site));
        execFileSync(program, [...data, "init", "--site", join(folder, "site.json")], { stdio: ["ignore", "ignore", "inherit"] });
        server = spawn(program, [...data, "serve", "--listen", "127.0.0.1:0"], { stdio: ["ignore", "pipe", "ignore"] });
        let said = "";
        for await (const part of server.stdout) {
            said += part;
            const url = /listening on (http\S+)/.exec(said)?.[1];
            if (url) return await (await fetch(`${url}/v1/openapi.json`)).text();
        }
        throw new Error(`${program} did not listen: ${said}`);
    } finally {
        if (server && server.exitCode === null) {
            const gone = new Promise((done) => server.once("exit", done));
            server.kill("SIGTERM");
            await gone;
        }
        rmSync(folder, { recursive: true, force: true });
    }
}

const config = await createConfig({
    extends: ["recommended"],
    rules: {
        // The server's address is the site's own business.
        "no-empty-servers": "off",
    },
});
const source = await documentOf(process.argv[2]);
const problems = await lintFromString({ source, absoluteRef: "openapi.json", config });
const totals = getTotals(problems);
if (problems.length > 0) formatProblems(problems, { format: "codeframe", totals, version: "" });
process.exit(totals.errors + totals.warnings > 0 ? 1 : 0);
