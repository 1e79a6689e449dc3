// Sends what waits, again and again until the server has it.
import { ask, Away, Refusal } from "../door/ask";
import type { Imported } from "../door/documents";
import type { Spool, Waiting } from "./spool";

export type Fate = keyof Omit<Imported, "ambiguous_times"> | "kept";

const BATCH = 200;
const RETRY_MS = [400, 800, 1_600, 3_000, 5_000];

export class Sender {
    waiting = $state(0);
    refused = $state(0);
    state = $state<"idle" | "away" | "denied" | "ok">("idle");
    denial = $state("");

    #spool: Spool;
    #token: string;
    #told: (scan: Waiting, fate: Fate) => void;
    #wake: () => void = () => {};
    #woken = false;
    #stopped = false;
    #failures = 0;

    constructor(spool: Spool, token: string, told: (scan: Waiting, fate: Fate) => void) {
        this.#spool = spool;
        this.#token = token;
        this.#told = told;
        // One tab sends at a time, where the browser can arrange it; the server forgives the others.
        if (navigator.locks) void navigator.locks.request("kiosk-sender", () => this.#run());
        else void this.#run();
        addEventListener("online", this.hurry);
    }

    hurry = (): void => {
        this.#woken = true;
        this.#wake();
    };

    stop(): void {
        this.#stopped = true;
        removeEventListener("online", this.hurry);
        this.#wake();
    }

    async #run(): Promise<void> {
        while (!this.#stopped) {
            this.#woken = false;
            const { waiting, refused } = await this.#spool.all();
            this.waiting = waiting.length;
            this.refused = refused.length;
            const sent = waiting.length > 0 && (await this.#send(waiting.slice(0, BATCH)));
            if (sent) continue;
            await this.#pause(waiting.length === 0 ? 60_000 : (RETRY_MS[Math.min(this.#failures++, RETRY_MS.length - 1)] ?? 5_000));
        }
    }

    #pause(ms: number): Promise<void> {
        // Stopped while it looked what waits: it would hold the lock that the next sender waits for.
        if (this.#woken || this.#stopped) return Promise.resolve();
        return new Promise((done) => {
            const timer = setTimeout(done, ms);
            this.#wake = () => {
                clearTimeout(timer);
                done();
            };
        });
    }

    /** Whether the server answered for these. */
    async #send(batch: Waiting[]): Promise<boolean> {
        const scans = batch.map(({ reader, band, time, direction }) => ({ reader, band, time, ...(direction ? { direction } : {}) }));
        let answer: Imported;
        try {
            answer = await ask<Imported>("/v1/scans", { method: "POST", body: { scans }, token: this.#token || undefined, quiet: true });
        } catch (error) {
            if (!(error instanceof Refusal) || error.status >= 500 || error.status === 429) {
                this.state = error instanceof Away || error instanceof Refusal ? "away" : "idle";
                for (const scan of batch) this.#told(scan, "kept");
                return false;
            }
            if (error.status === 401 || error.status === 403) {
                // Nothing is wrong with the scans: they wait until somebody lets this tablet in.
                this.state = "denied";
                this.denial = error.message;
                for (const scan of batch) this.#told(scan, "kept");
                return false;
            }
            return this.#refuse(batch, error.message);
        }
        this.#failures = 0;
        this.state = "ok";
        if (answer.refused > 0) return this.#refuse(batch, "refused");
        await this.#spool.remove(batch.map((s) => s.key));
        this.waiting = Math.max(0, this.waiting - batch.length);
        const [only] = batch;
        if (batch.length === 1 && only) this.#told(only, fateOf(answer));
        else if (answer.accepted + answer.duplicates === batch.length) for (const scan of batch) this.#told(scan, "accepted");
        return true;
    }

    /** One of them is refused: find out which, one by one; it is put aside and the others are in. */
    async #refuse(batch: Waiting[], why: string): Promise<boolean> {
        const [only] = batch;
        if (batch.length === 1 && only) {
            await this.#spool.put([{ ...only, refused: why }]);
            this.waiting = Math.max(0, this.waiting - 1);
            this.refused++;
            this.#told(only, "refused");
            return true;
        }
        for (const scan of batch) if (!(await this.#send([scan]))) return false;
        return true;
    }
}

function fateOf(answer: Imported): Fate {
    for (const fate of ["accepted", "duplicates", "held", "quarantined"] as const) if (answer[fate] > 0) return fate;
    return "refused";
}
