"""What the contract says about facts, as plainly as it can be said.

Written from the words of the contract alone, beside the model of test/lib and without its code or
the library's: a clause that both of them misread is still found here. Times are microseconds since
1970; OPEN is a time that never comes. Nothing is kept from one question to the next.
"""
import itertools
from collections import namedtuple

OPEN = 1 << 62
EVER = -OPEN
SECOND = 1_000_000
EARLIEST = 946_684_800 * SECOND  # 2000-01-01
NOWHERE = ("outside", "unknown")

Scan = namedtuple("Scan", "reader band at direction")
Pairing = namedtuple("Pairing", "band person since until learnt")
Withdrawal = namedtuple("Withdrawal", "reader band at direction learnt")
Release = namedtuple("Release", "reader since until shift learnt")
Completion = namedtuple("Completion", "reader until learnt")


def by_bytes(ids):
    return sorted(ids, key=lambda text: text.encode())


class Plan:
    """A site description: zones and readers as in site.json, durations in microseconds."""

    def __init__(self, zones, readers, policy):
        self.zones = {zone["id"]: zone for zone in zones}
        self.readers = {reader["id"]: reader for reader in readers}
        self.policy = policy

    def above(self, zone):
        """The zone and all zones above it; nothing of what is no real zone."""
        while zone in self.zones:
            yield zone
            zone = self.zones[zone].get("in")

    def parent(self, zone):
        return self.zones[zone].get("in", "outside")

    def is_in(self, zone, outer):
        return outer in self.above(zone)

    def forgets_after(self, zone):
        if zone not in self.zones:
            return OPEN
        own = self.zones[zone].get("forget_after")
        return OPEN if own == "never" else own or self.policy.get("forget_after", OPEN)


class Interval:
    """A time in one zone: of the newest, `until` is OPEN and `forgets` when it would be forgotten."""

    def __init__(self, zone, since):
        self.zone, self.since, self.until, self.forgets = zone, since, OPEN, OPEN
        self.last_seen, self.scans, self.flags = since, 0, set()
        self.forgotten = False

    def take(self, at, flags):
        self.last_seen = at
        self.flags |= flags

    def join(self, later):
        self.until, self.forgets, self.forgotten = later.until, later.forgets, later.forgotten
        self.last_seen = later.last_seen
        self.scans += later.scans
        self.flags |= later.flags


class Life:
    """One person's intervals and, in the order of folding, when and where they were seen."""

    def __init__(self, plan, scans):
        self.plan = plan
        self.seen = []
        self.all = []
        self.counted = {}  # the last counted scan at each reader
        self.found_forgotten = False
        for at, group in itertools.groupby(sorted(scans, key=lambda s: s[0].at), key=lambda s: s[0].at):
            self._forget_up_to(at)
            before = list(plan.above(self._zone()))
            for scan, late in sorted(group, key=lambda s: self._turn(s[0], before)):
                self._fold(scan, {"after_complete"} if late else set())
        if self.all:
            newest = self.all[-1]
            newest.forgets = newest.last_seen + plan.forgets_after(newest.zone)
        self.intervals = self._without_empty()

    def _zone(self):
        return self.all[-1].zone if self.all else "unknown"

    def _forget_up_to(self, at):
        if not self.all:
            return
        end = self.all[-1].last_seen + self.plan.forgets_after(self._zone())
        if end <= at:
            self.all[-1].until, self.all[-1].forgotten = end, True
            self.all.append(Interval("unknown", end))
            self.found_forgotten = True

    def _turn(self, scan, before):
        leaves = self.plan.readers[scan.reader].get("leave")
        depth = 0
        if leaves is None:
            turn = 1
        elif leaves in before:
            turn, depth = 0, -len(list(self.plan.above(leaves)))
        else:
            turn = 2
        direction = (None, "in", "out").index(scan.direction)
        return turn, depth, scan.reader.encode(), direction, scan.band.encode()

    def _is_debounced(self, scan):
        last = self.counted.get(scan.reader)
        if last is None or self.found_forgotten or {scan.direction, last.direction} == {"in", "out"}:
            return False
        return scan.at - last.at < self.plan.policy["debounce"]

    def _target(self, scan, flags):
        reader = self.plan.readers[scan.reader]
        if "enter" in reader:
            return reader["enter"]
        if "leave" in reader:
            if not self.plan.is_in(self._zone(), reader["leave"]):
                flags.add("unseen_entry")
            return self.plan.parent(reader["leave"])
        outer, inner = reader["between"]
        if scan.direction is None:
            return outer if self.plan.is_in(self._zone(), inner) else inner
        return inner if scan.direction == "in" else outer

    def _fold(self, scan, flags):
        self.seen.append((scan.at, scan.reader))
        if self._is_debounced(scan):
            self.all[-1].take(scan.at, flags)
            return
        self.found_forgotten = False
        self.counted[scan.reader] = scan
        target = self._target(scan, flags)
        if target != self._zone():
            if self.all:
                self.all[-1].until = scan.at
            self.all.append(Interval(target, scan.at))
        self.all[-1].take(scan.at, flags)
        self.all[-1].scans += 1

    def _without_empty(self):
        kept = []
        for interval in self.all:
            if interval.since == interval.until:
                continue
            before = kept[-1] if kept else None
            if before and before.zone == interval.zone and before.until == interval.since and not before.forgotten:
                before.join(interval)
            else:
                kept.append(interval)
        return kept

    def stays(self, since, until, asked):
        """The stays in real zones that touch [since, until), with their ends; OPEN: still there."""
        for stay in self.intervals:
            end = stay.forgets if stay.until == OPEN and stay.forgets <= asked else stay.until
            if stay.zone not in NOWHERE and stay.since < until and since < end:
                yield stay, end

    def where(self, at):
        zone, since, last_zone = "unknown", None, None
        for interval in self.intervals:
            if interval.since > at:
                break
            zone, since = interval.zone, interval.since
            if zone not in NOWHERE:
                last_zone = zone
            if interval.until == OPEN and interval.forgets <= at:
                zone = "unknown"
        last_seen, reader = next((s for s in reversed(self.seen) if s[0] <= at), (None, None))
        return {"zone": zone, "since": None if zone == "unknown" else since, "last_seen": last_seen,
                "reader": reader, "last_zone": last_zone}


class Facts:
    def __init__(self):
        self.plans = []   # (learnt, Plan)
        self.people = {}  # id: groups
        self.scans = {}   # Scan: when it was first learnt
        self.pairings, self.withdrawals, self.releases, self.completions = [], [], [], []

    def plan(self, known):
        return next((plan for learnt, plan in reversed(self.plans) if learnt <= known), self.plans[0][1])

    def in_force(self, known):
        """(band, person, since): until, by the newest row of each."""
        return {row[:3]: row.until for row in self.pairings if row.learnt <= known}

    def whose(self, band, at, in_force):
        if band.startswith("person:") and band[7:] in self.people:
            return band[7:]
        return next((person for (paired, person, since), until in in_force.items()
                     if paired == band and since <= at < until), None)

    def complete_until(self, reader, known):
        return max((c.until for c in self.completions if c.reader == reader and c.learnt <= known), default=EVER)

    def could_change(self, at, known):
        return by_bytes(r for r in self.plan(known).readers if self.complete_until(r, known) < at)

    def is_withdrawn(self, scan, known):
        return any(w[:3] == scan[:3] and w.direction in (None, scan.direction) and w.learnt <= known
                   for w in self.withdrawals)

    def counts_at(self, scan, learnt, known):
        """The moment at which the scan counts; None: quarantined."""
        if EARLIEST <= scan.at <= learnt + self.plan(known).policy["max_clock_ahead"]:
            return scan.at
        return next((scan.at + r.shift for r in self.releases
                     if r.reader == scan.reader and learnt <= r.learnt <= known and r.since <= scan.at < r.until), None)

    def lives(self, known):
        """Everybody who exists as known then, by id."""
        plan, in_force = self.plan(known), self.in_force(known)
        theirs = {person: [] for person in self.people}
        taken = set()
        for scan, learnt in sorted(self.scans.items(), key=lambda item: item[1]):
            if learnt > known or self.is_withdrawn(scan, known):
                continue
            at = self.counts_at(scan, learnt, known)
            if at is None or scan._replace(at=at) in taken:
                continue
            person = self.whose(scan.band, at, in_force)
            if person is None and plan.policy["unknown_bands"] == "adopt":
                person = scan.band
            if person is None:
                continue
            taken.add(scan._replace(at=at))
            late = any(c.reader == scan.reader and at <= c.until and c.learnt < learnt for c in self.completions)
            theirs.setdefault(person, []).append((scan._replace(at=at), late))
        return {person: Life(plan, scans) for person, scans in theirs.items()}
