// Ask the server: one place where a request is made and a refusal becomes an error with words.
import { clock } from "../time/clock.svelte";

export class Refusal extends Error {
    constructor(
        readonly status: number,
        readonly word: string,
        readonly title: string,
        detail: string,
    ) {
        super(detail);
    }
}

/** The server could not be reached at all. */
export class Away extends Error {}

let signedOut: () => void = () => {};

export function whenSignedOut(then: () => void): void {
    signedOut = then;
}

async function refusal(response: Response): Promise<Refusal> {
    const text = await response.text().catch(() => "");
    try {
        const problem = JSON.parse(text) as { type?: string; title?: string; detail?: string };
        const title = problem.title ?? response.statusText;
        return new Refusal(response.status, problem.type?.split(":").pop() ?? "", title, problem.detail ?? title);
    } catch {
        return new Refusal(response.status, "", response.statusText, `${response.status} ${response.statusText}`);
    }
}

export interface Question {
    method?: "GET" | "POST" | "PUT" | "DELETE";
    body?: unknown;
    type?: string;
    token?: string | undefined;
    signal?: AbortSignal | undefined;
    /** A 401 is an answer here (sign-in), not the end of the session. */
    quiet?: boolean;
}

async function exchange(path: string, question: Question): Promise<Response> {
    const headers: Record<string, string> = {};
    const init: RequestInit = { method: question.method ?? "GET", headers, cache: "no-store" };
    if (question.body !== undefined) {
        headers["content-type"] = question.type ?? "application/json";
        init.body = question.type ? (question.body as string) : JSON.stringify(question.body);
    }
    if (question.token) {
        headers["authorization"] = `Bearer ${question.token}`;
        init.credentials = "omit";
    }
    if (question.signal) init.signal = question.signal;
    let response: Response;
    try {
        response = await fetch(path, init);
    } catch (cause) {
        if (question.signal?.aborted) throw cause;
        throw new Away("away");
    }
    clock.hear(response.headers.get("date"));
    if (response.ok) return response;
    if (response.status === 401 && !question.quiet && !question.token) signedOut();
    throw await refusal(response);
}

export async function ask<T>(path: string, question: Question = {}): Promise<T> {
    const response = await exchange(path, question);
    const text = await response.text();
    const isJson = response.headers.get("content-type")?.includes("json") ?? false;
    return (isJson && text ? JSON.parse(text) : undefined) as T;
}

export async function askText(path: string, question: Question = {}): Promise<string> {
    return (await exchange(path, question)).text();
}

/** A path with its query; what is null, undefined or empty is left out. */
export function at(path: string, query: Record<string, string | number | boolean | null | undefined>): string {
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) {
        if (value !== null && value !== undefined && value !== "" && value !== false) search.set(name, String(value));
    }
    const text = search.toString();
    return text ? `${path}?${text}` : path;
}

export const part = encodeURIComponent;
