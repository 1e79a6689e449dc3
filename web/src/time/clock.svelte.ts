// The present moment by the server's clock, ticking; and how times are written for people.
import { language } from "../words/language.svelte";

class Clock {
    now = $state(Date.now());
    #ahead = 0;

    constructor() {
        setInterval(() => (this.now = this.exact()), 1_000);
    }
    exact(): number {
        return Date.now() + this.#ahead;
    }
    /** What the server said its clock was, just now. A few hundredths of a second are the way here. */
    set(serverMs: number): void {
        const ahead = serverMs - Date.now();
        if (Math.abs(ahead - this.#ahead) > 250) this.#ahead = ahead;
        this.now = this.exact();
    }
    get offByMs(): number {
        return this.#ahead;
    }
}

export const clock = new Clock();

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

class Zone {
    name = $state("UTC");
}
export const siteZone = new Zone();

const formats = new Map<string, Intl.DateTimeFormat>();
function format(key: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
    const tag = language.tag === "en" ? "en-GB" : language.tag;
    const full = `${tag}|${siteZone.name}|${key}`;
    let found = formats.get(full);
    if (!found) {
        found = new Intl.DateTimeFormat(tag, { timeZone: siteZone.name, ...options });
        formats.set(full, found);
    }
    return found;
}

type When = string | number;
const ms = (when: When): number => (typeof when === "number" ? when : Date.parse(when));

export const hourOf = (when: When): string =>
    format("hour", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(ms(when));
export const secondOf = (when: When): string =>
    format("second", { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" }).format(ms(when));
export const dayOf = (when: When): string =>
    format("day", { weekday: "short", day: "numeric", month: "short" }).format(ms(when));
export const dateOf = (when: When): string =>
    format("date", { day: "numeric", month: "short", year: "numeric" }).format(ms(when));

/** The day as 2016-07-15, by the site's clock. */
export function dayKey(when: When): string {
    const key = `${siteZone.name}|key`;
    let found = formats.get(key);
    if (!found) {
        found = new Intl.DateTimeFormat("sv-SE", { timeZone: siteZone.name, dateStyle: "short" });
        formats.set(key, found);
    }
    return found.format(ms(when));
}

/** "12:58", with the day before it when that is not today's. */
export function timeOf(when: When): string {
    const [day, today] = [dayKey(when), dayKey(clock.now)];
    if (day === today) return hourOf(when);
    // Of another year the year is said, too: unless it is less than half a year ago.
    const far = Math.abs(clock.now - ms(when)) > 180 * DAY;
    return `${far ? dateOf(when) : dayOf(when)}, ${hourOf(when)}`;
}

/** When the day 2016-07-15 begins by the site's clock; a day that begins with a gap begins after it. */
export function dayStart(key: string): number {
    const guess = Date.parse(`${key}T00:00:00Z`);
    for (let quarter = -56; quarter <= 60; quarter++) {
        const at = guess + quarter * 15 * MINUTE;
        if (dayKey(at) === key && dayKey(at - 1) !== key) return at;
    }
    return guess;
}

export const dayAfter = (key: string, days: number): string => dayKey(dayStart(key) + days * DAY + 12 * HOUR);

/** An age in the unit a person would say. */
export function age(forMs: number): string {
    const w = language.words.age;
    if (forMs < 0) return w.now;
    if (forMs < MINUTE) return w.seconds(Math.floor(forMs / 1000));
    if (forMs < 100 * MINUTE) return w.minutes(Math.floor(forMs / MINUTE));
    if (forMs < 48 * HOUR) return w.hours(Math.floor(forMs / HOUR));
    return w.days(Math.floor(forMs / DAY));
}

/** "90s", "5m", "18h", "30d" in milliseconds; null for none or never. */
export function duration(text: string | undefined): number | null {
    const found = /^(\d+)([smhd])$/.exec(text ?? "");
    if (!found) return null;
    const unit = { s: 1_000, m: MINUTE, h: HOUR, d: DAY }[found[2] as "s" | "m" | "h" | "d"];
    return Number(found[1]) * unit;
}
