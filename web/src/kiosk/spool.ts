// Scans that wait, in the browser's store: written before anything else is done with them, taken away when the
// server has answered that it has them. The server knows a repeated scan by its identity, so sending twice
// after a broken answer harms nothing.

export interface Waiting {
    /** reader, band, time and direction: what makes it this scan */
    key: string;
    reader: string;
    band: string;
    time: string;
    direction?: "in" | "out";
    /** what the server said when it refused it; kept to be seen */
    refused?: string;
}

const STORE = "scans";

function done<T>(request: IDBRequest<T>): Promise<T> {
    return new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error ?? new Error("store"));
    });
}

export class Spool {
    #database: Promise<IDBDatabase> | null = null;

    #open(): Promise<IDBDatabase> {
        this.#database ??= new Promise((resolve, reject) => {
            const request = indexedDB.open("kiosk", 1);
            request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "key" });
            request.onsuccess = () => resolve(request.result);
            request.onerror = () => reject(request.error ?? new Error("store"));
        });
        return this.#database;
    }

    /** Done when it is in the store, and not before. */
    async put(list: Waiting[]): Promise<void> {
        const database = await this.#open();
        const transaction = database.transaction(STORE, "readwrite", { durability: "strict" });
        for (const scan of list) transaction.objectStore(STORE).put(scan);
        await this.#end(transaction);
    }

    async remove(keys: string[]): Promise<void> {
        const database = await this.#open();
        const transaction = database.transaction(STORE, "readwrite");
        for (const key of keys) transaction.objectStore(STORE).delete(key);
        await this.#end(transaction);
    }

    /** All that wait, oldest first, and those that were refused. */
    async all(): Promise<{ waiting: Waiting[]; refused: Waiting[] }> {
        const database = await this.#open();
        const list = await done(database.transaction(STORE).objectStore(STORE).getAll() as IDBRequest<Waiting[]>);
        list.sort((a, b) => (a.time < b.time ? -1 : 1));
        return { waiting: list.filter((s) => !s.refused), refused: list.filter((s) => s.refused) };
    }

    #end(transaction: IDBTransaction): Promise<void> {
        return new Promise((resolve, reject) => {
            transaction.oncomplete = () => resolve();
            transaction.onerror = transaction.onabort = () => reject(transaction.error ?? new Error("store"));
        });
    }
}

export function scanOf(reader: string, band: string, atMs: number, direction: "" | "in" | "out"): Waiting {
    const time = new Date(atMs).toISOString();
    return { key: [reader, band, time, direction].join("\n"), reader, band, time, ...(direction ? { direction } : {}) };
}
