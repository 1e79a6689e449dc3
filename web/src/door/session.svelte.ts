// Who is signed in here. The cookie is the server's; the page only knows what the server tells of it.
import { ask, Refusal, whenSignedOut } from "./ask";
import type { Session } from "./documents";

class Sitting {
    known = $state(false);
    value = $state.raw<Session | null>(null);

    constructor() {
        whenSignedOut(() => {
            this.value = null;
        });
    }

    async load(): Promise<void> {
        try {
            this.value = await ask<Session>("/v1/session", { quiet: true });
        } catch (error) {
            if (!(error instanceof Refusal)) throw error;
            this.value = null;
        }
        this.known = true;
    }

    async open(operator: string, password: string, purpose: string): Promise<void> {
        await ask("/v1/session", { method: "POST", body: { operator, password, purpose }, quiet: true });
        await this.load();
    }

    async change(purpose: string): Promise<void> {
        await ask("/v1/session", { method: "PUT", body: { purpose } });
        await this.load();
    }

    async close(): Promise<void> {
        await ask("/v1/session", { method: "DELETE", quiet: true }).catch(() => {});
        this.value = null;
    }

    /** Whether the server's table of rights lets the role do it: what it does not is not asked for and not offered. */
    may(row: string): boolean {
        return this.value?.may.includes(row) ?? false;
    }
}

export const session = new Sitting();
