// Server-sent events over fetch: unlike EventSource it sees the comments that say "still here", so that the
// age of what is shown is true, and the status, so that an ended session is not taken for a server away.

export interface Listener {
    heard(): void;
    event(name: string, data: unknown): void;
    away(): void;
    refused(status: number): void;
}

const SILENCE_MS = 25_000; // the server says something at least every ten seconds
const RETRY_MS = [300, 600, 1_200, 2_500, 5_000];

/** Listen until stopped. Comes back by itself, from where it was. */
export function listen(path: string, listener: Listener): () => void {
    let stopped = false;
    let lastId = "";
    let failures = 0;
    let abort = new AbortController();
    let wake: () => void = () => {};

    const pause = (ms: number) =>
        new Promise<void>((done) => {
            const timer = setTimeout(done, ms);
            wake = () => {
                clearTimeout(timer);
                done();
            };
        });

    function take(block: string): void {
        let name = "message";
        let id: string | null = null;
        const data: string[] = [];
        for (const line of block.split("\n")) {
            const colon = line.indexOf(":");
            if (colon === 0) continue;
            const field = colon < 0 ? line : line.slice(0, colon);
            const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
            if (field === "event") name = value;
            else if (field === "data") data.push(value);
            else if (field === "id") id = value;
        }
        if (id !== null) lastId = id;
        if (data.length > 0) listener.event(name, JSON.parse(data.join("\n")));
    }

    async function once(): Promise<void> {
        abort = new AbortController();
        let silence = setTimeout(() => abort.abort(), SILENCE_MS);
        try {
            const headers: Record<string, string> = { accept: "text/event-stream" };
            if (lastId) headers["last-event-id"] = lastId;
            const response = await fetch(path, { headers, signal: abort.signal, cache: "no-store" });
            if (!response.ok || !response.body) {
                if ([400, 401, 403, 404].includes(response.status)) {
                    stopped = true;
                    listener.refused(response.status);
                }
                return;
            }
            failures = 0;
            const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
            let rest = "";
            for (;;) {
                const { done, value } = await reader.read();
                if (done) return;
                clearTimeout(silence);
                silence = setTimeout(() => abort.abort(), SILENCE_MS);
                listener.heard();
                rest += value.replace(/\r/g, "");
                for (let end = rest.indexOf("\n\n"); end >= 0; end = rest.indexOf("\n\n")) {
                    take(rest.slice(0, end));
                    rest = rest.slice(end + 2);
                }
            }
        } finally {
            clearTimeout(silence);
        }
    }

    async function run(): Promise<void> {
        while (!stopped) {
            await once().catch(() => {});
            if (stopped) return;
            listener.away();
            await pause(RETRY_MS[Math.min(failures++, RETRY_MS.length - 1)] ?? 5_000);
        }
    }

    const hurry = () => wake();
    addEventListener("online", hurry);
    void run();
    return () => {
        stopped = true;
        removeEventListener("online", hurry);
        abort.abort();
        wake();
    };
}
