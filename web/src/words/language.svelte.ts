// Which language the pages speak: English is in the first load, another one comes when it is chosen.
import { en } from "./en";

/** Every catalogue has every word of the English one: a missing word fails the build. */
export type Words = Wide<typeof en>;
type Wide<T> = { [K in keyof T]: T[K] extends string ? string : T[K] extends (...a: infer A) => string ? (...a: A) => string : Wide<T[K]> };

export const tags = ["en", "de"] as const;
export type Tag = (typeof tags)[number];

class Language {
    tag = $state<Tag>("en");
    words = $state.raw<Words>(en);

    async choose(tag: Tag): Promise<void> {
        const words: Words = tag === "de" ? (await import("./de")).de : en;
        this.tag = tag;
        this.words = words;
        document.documentElement.lang = tag;
        localStorage.setItem("language", tag);
    }

    start(): Promise<void> {
        const wanted = localStorage.getItem("language") ?? navigator.language.slice(0, 2);
        return this.choose(wanted === "de" ? "de" : "en");
    }
}

export const language = new Language();
