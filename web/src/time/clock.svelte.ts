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
    /** When an answer was sent, to the second: enough for a tablet whose own clock is wrong. */
    hear(date: string | null): void {
        const serverMs = Date.parse(date ?? "") + 500;
        if (Math.abs(serverMs - this.exact()) > 2_000) this.set(serverMs);
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

const wallHour = (when: number): string => format("hour", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(when);
/** "12:58"; in the hour that comes twice when clocks go back it is said which one: "01:30 GMT". */
export function hourOf(when: When): string {
    const at = ms(when);
    const hour = wallHour(at);
    if (hour !== wallHour(at - HOUR) && hour !== wallHour(at + HOUR)) return hour;
    return format("hour of", { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZoneName: "short" }).format(at);
}
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

/** The same as short as it can be told apart, for columns: "22:03", from half a day ago "Sun 22:03", "22 Nov". */
export function shortOf(when: When): string {
    const ago = Math.abs(clock.now - ms(when));
    if (ago < 12 * HOUR) return hourOf(when);
    if (ago < 6 * DAY) return dayKey(when) === dayKey(clock.now) ? hourOf(when) : `${format("weekday", { weekday: "short" }).format(ms(when))} ${hourOf(when)}`;
    if (ago < 180 * DAY) return format("short day", { day: "numeric", month: "short" }).format(ms(when));
    return format("month", { month: "short", year: "numeric" }).format(ms(when));
}

/** The moments between at which it is 00:00, 03:00 and so on by the site's clock, also where clocks change. */
export function hoursBetween(from: number, until: number, every: number): number[] {
    const found: number[] = [];
    let last = "";
    for (let at = from; at < until; at += HOUR) {
        const hour = wallHour(at);
        if (Number(hour.slice(0, 2)) % every === 0 && hour !== last) found.push(at);
        last = hour;
    }
    return found;
}

/** When the day 2016-07-15 begins by the site's clock; a day that begins with a gap begins after it. */
export function dayStart(key: string): number {
    const guess = Date.parse(`${key}T00:00:00Z`);
    if (Number.isNaN(guess)) return 0; // 2016-13-40
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
