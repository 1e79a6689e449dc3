// The server's documents, as it sends them. Times are RFC 3339 in UTC.
export type Time = string;

export interface Place {
    person: string;
    zone: string;
    since: Time | null;
    last_seen: Time | null;
    reader: string | null;
    /** these two where names=true was asked for */
    name?: string;
    needs_help?: boolean;
}
export interface Moment {
    as_of: Time;
    known: Time | null;
    could_change: string[];
}
export interface PeopleMoment extends Moment {
    zone: string | null;
    count: number;
    people: Place[];
}
export interface ZoneCount {
    zone: string;
    count: number;
    direct: number;
}
export interface Counts extends Moment {
    zones: ZoneCount[];
    /** null: not told to who is limited to zones */
    outside: number | null;
    unknown: number | null;
}
export interface OnePlace extends Moment, Omit<Place, "zone"> {
    /** null: in none that one may see */
    zone: string | null;
    last_zone: string | null;
}
export interface Stay {
    zone: string;
    from: Time;
    until: Time | null;
    last_seen: Time;
    scans: number;
    flags: string[];
}
export interface Path {
    person: string;
    stays: Stay[];
}
export interface Companion {
    person: string;
    seconds: number;
    first: Time;
    last: Time;
    zones: string[];
}
export interface Occupancy {
    zone: string;
    every_s: number;
    points: { at: Time; count: number }[];
}
export interface Person {
    id: string;
    name: string | null;
    groups: string[];
    needs_help: boolean;
    notes: unknown;
}
export interface Lookup {
    at: Time;
    until?: Time | null;
    who: string;
    purpose: string | null;
    question: string;
    kind?: string;
    zone?: string | null;
}
export interface Zone {
    id: string;
    in?: string;
    name?: string;
    capacity?: number;
    forget_after?: string;
    muster?: boolean;
}
export interface ReaderDefinition {
    id: string;
    name?: string;
    enter?: string;
    leave?: string;
    between?: [string, string];
    purpose?: string;
}
export interface Site {
    id: string;
    name: string;
    timezone: string;
    policy?: Record<string, string>;
    zones: Zone[];
    readers: ReaderDefinition[];
}
export interface Reader {
    id: string;
    name: string | null;
    kind: string;
    zones: string[];
    purpose: string | null;
    retired: boolean;
    last_heard: Time | null;
    complete_until: Time | null;
    clock_offset_s: number | null;
    scans_last_hour: number | null;
}
export interface Session {
    name: string;
    role: string;
    zones: string[];
    groups: string[];
    /** the rows of the table of rights that the role has: "GET /v1/now" */
    may: string[];
    purpose: string | null;
    expires: Time;
    purposes: string[];
}
export interface Operator {
    name: string;
    role: string;
    zones: string[];
    groups: string[];
    made: Time;
}
export interface Token {
    id: string;
    role: string;
    readers: string[];
    zones: string[];
    groups: string[];
    purpose: string | null;
    made: Time;
    expires: Time | null;
}
export interface Held {
    band: string;
    reader: string;
    time: Time;
    [more: string]: unknown;
}
export interface Quarantined extends Held {
    learnt?: Time;
}
export interface ZonePlace {
    zone: string;
    x: number;
    y: number;
    w: number;
    h: number;
}
export interface Imported {
    accepted: number;
    duplicates: number;
    held: number;
    quarantined: number;
    refused: number;
    ambiguous_times: number;
}
