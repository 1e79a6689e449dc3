"""Invented sites, told to the command line, and its answers held against oracle.py.

usage: oracle_test.py [SEED [SITES]]     $WHEREABOUTS is the program

A site's facts have given learnt times or those of their commit. The oracle does not know the latter;
it counts commands instead, and the moments between two commands are what may be asked `known` of.
"""
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timedelta, timezone

from oracle import (EVER, NOWHERE, OPEN, SECOND, Completion, Facts, Pairing, Plan, Release, Scan, Withdrawal,
                    by_bytes)

PROGRAM = os.environ["WHEREABOUTS"]
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
MORNING = (datetime(2024, 3, 1, 8, tzinfo=timezone.utc) - EPOCH) // timedelta(microseconds=1)
COMMANDS = 10**18  # the n-th command is learnt at COMMANDS + n seconds: after all given times
BANDS = {"tag-a": ["tag-a"], "tag-b": ["tag-b"], "x": ["x"],
         "04A22B01": ["04:a2:2b:01", "04a22b01", "04-A2-2B-01"], "0011223344556677": ["0011223344556677"]}
WINDOW_S = 1900


def text_of(us):
    if us is None or abs(us) >= OPEN:
        return None
    moment = EPOCH + timedelta(microseconds=us)
    return moment.isoformat(timespec="microseconds").replace("+00:00", "").rstrip("0").rstrip(".") + "Z"


def given(option, us):
    text = text_of(us)
    return [option, text] if text else []


class Site:
    def __init__(self, seed, folder):
        self.chance = random.Random(seed)
        self.folder = folder
        self.facts = Facts()
        self.commands = 0
        self.between = []  # (the oracle's moment, the clock's) after each command
        self.learnt = [MORNING]

    # ---- The program ----

    def run(self, *words, may_refuse=False):
        done = subprocess.run([PROGRAM, "--data", os.path.join(self.folder, "site.db"), *words],
                              capture_output=True, encoding="utf-8", check=False)
        if done.returncode != 0 and not (may_refuse and done.returncode == 1):
            raise AssertionError(f"{' '.join(words)}: {done.returncode} {done.stderr}")
        return done

    def tell(self, *words, may_refuse=False):
        """Run a command that learns something. Returns what it printed; None: it was refused."""
        time.sleep(0.001)
        done = self.run(*words, may_refuse=may_refuse)
        self.commands += 1
        time.sleep(0.001)
        self.between.append((self.now() + SECOND // 2, time.time_ns() // 1000))
        time.sleep(0.001)
        return done.stdout if done.returncode == 0 else None

    def now(self):
        return COMMANDS + self.commands * SECOND

    def next(self):
        return self.now() + SECOND

    def file(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    # ---- The description ----

    def a_moment(self):
        return MORNING + self.chance.randint(0, WINDOW_S) * SECOND

    def a_forgetting(self):
        return self.chance.choice(["never", self.chance.randint(20, 900) * SECOND])

    def invent_reader(self, name, zones):
        chance = self.chance.random()
        if chance < 0.35:
            return {"id": name, "enter": self.chance.choice(zones)["id"]}
        if chance < 0.6:
            return {"id": name, "leave": self.chance.choice(zones)["id"]}
        plan = Plan(zones, [], {})
        pairs = [(outer, inner) for inner in plan.zones for outer in ["outside", *plan.zones]
                 if not plan.is_in(outer, inner)]
        return {"id": name, "between": list(self.chance.choice(pairs))}

    def invent_plan(self):
        zones = []
        for n in range(self.chance.randint(2, 6)):
            zone = {"id": f"z{n}"}
            if n and self.chance.random() < 0.55:
                zone["in"] = f"z{self.chance.randrange(n)}"
            if self.chance.random() < 0.35:
                zone["forget_after"] = self.a_forgetting()
            zones.append(zone)
        readers = [self.invent_reader(f"r{n}", zones) for n in range(self.chance.randint(2, 6))]
        policy = {"debounce": self.chance.choice([0, 1, 2, 30, 120]) * SECOND, "max_clock_ahead": 120 * SECOND,
                  "unknown_bands": self.chance.choice(["hold", "adopt"])}
        if self.chance.random() < 0.5:
            policy["forget_after"] = self.chance.randint(30, 1200) * SECOND
        return zones, readers, policy

    def change_plan(self):
        old = self.facts.plans[-1][1]
        zones = [dict(zone) for zone in old.zones.values()]
        readers = [dict(reader) for reader in old.readers.values()]
        policy = dict(old.policy)
        for n, zone in enumerate(zones):
            if self.chance.random() < 0.3:
                zone["forget_after"] = self.a_forgetting()
            if n and self.chance.random() < 0.2:
                zone["in"] = f"z{self.chance.randrange(n)}"
        plan = Plan(zones, [], policy)
        for n, reader in enumerate(readers):
            cannot_be = "between" in reader and plan.is_in(*reader["between"])
            if cannot_be or self.chance.random() < 0.2:
                readers[n] = self.invent_reader(reader["id"], zones)
        if self.chance.random() < 0.4:
            readers.append(self.invent_reader(f"r{len(readers)}", zones))
        policy["debounce"] = self.chance.choice([policy["debounce"], 0, SECOND, 120 * SECOND])
        policy["unknown_bands"] = self.chance.choice([policy["unknown_bands"], "hold", "adopt"])
        self.describe(zones, readers, policy)

    def describe(self, zones, readers, policy):
        def written(of):
            return {key: f"{value // SECOND}s" if isinstance(value, int) else value for key, value in of.items()}
        site = {"id": "site", "name": "Site", "timezone": "UTC", "policy": written(policy),
                "zones": [written(zone) for zone in zones], "readers": readers}
        learnt = self.next()
        self.tell("init", "--site", self.file("site.json", json.dumps(site)))
        self.facts.plans.append((learnt, Plan(zones, readers, policy)))

    # ---- Facts ----

    def tell_people(self):
        rows = ["id,name,groups"]
        for n in range(self.chance.randint(2, 4)):
            groups = [group for group in ("staff", "guests") if self.chance.random() < 0.5]
            self.facts.people[f"p{n}"] = groups
            rows.append(f"p{n},Name {n},{';'.join(groups)}")
        self.tell("import", "people", self.file("people.csv", "\n".join(rows) + "\n"))

    def tell_bands(self):
        """Pairings one after another, some of which are ended by a later row."""
        rows = ["band,person,from,until,learnt"]
        for band in BANDS:
            cuts = sorted({self.a_moment() for _ in range(self.chance.randint(0, 2))})
            learnt = MORNING - 1000 * SECOND
            for since, until in zip([EVER, *cuts], [*cuts, OPEN]):
                if self.chance.random() < 0.3:
                    continue
                ends = [until]
                if until == OPEN and self.chance.random() < 0.3:
                    ends.append(max(since, MORNING) + self.chance.randint(1, WINDOW_S) * SECOND)
                person = self.chance.choice(list(self.facts.people))
                for end in ends:
                    learnt += self.chance.choice([1, 5, 1000 * SECOND, 400 * SECOND, 1200 * SECOND])
                    self.facts.pairings.append(Pairing(band, person, since, end, learnt))
                    self.learnt.append(learnt)
                    rows.append(f"{band},{person},{text_of(since) or ''},{text_of(end) or ''},{text_of(learnt)}")
        self.tell("import", "bands", "--trust-learnt", self.file("bands.csv", "\n".join(rows) + "\n"))

    def invent_scan(self, readers):
        known = [scan for scan in self.facts.scans if scan.reader in readers]
        if known and self.chance.random() < 0.12:
            return self.chance.choice(known)
        bands = [*BANDS, *(f"person:{person}" for person in self.facts.people)]
        at = self.a_moment() if self.chance.random() < 0.7 else MORNING + self.chance.randrange(30) * 60 * SECOND
        if self.chance.random() < 0.1:
            at += self.chance.randint(-3, 3)
        return Scan(self.chance.choice(readers), self.chance.choice(bands), at,
                    self.chance.choice([None, None, "in", "out"]))

    def learnt_of(self, scan):
        kind = self.chance.random()
        if kind < 0.6:
            wait = self.chance.randint(0, 50) * SECOND // 10
        else:
            wait = (self.chance.randint(0, 2000) if kind < 0.9 else -self.chance.randint(0, 300)) * SECOND
        self.learnt.append(scan.at + wait)
        return scan.at + wait

    def verdict(self, scan, learnt):
        if scan in self.facts.scans:
            return "duplicates"
        at = self.facts.counts_at(scan, learnt, OPEN)
        if at is None:
            return "quarantined"
        nobody = self.facts.whose(scan.band, at, self.facts.in_force(OPEN)) is None
        holds = self.facts.plan(OPEN).policy["unknown_bands"] == "hold"
        return "held" if nobody and holds else "accepted"

    def tell_scans(self, trusted):
        wanted = dict.fromkeys(("accepted", "duplicates", "held", "quarantined", "refused", "ambiguous_times"), 0)
        rows = ["time,band,reader,direction,learnt"]
        # What is learnt before the first change of the description knows the first readers only.
        readers = list(self.facts.plans[0 if trusted else -1][1].readers)
        for _ in range(self.chance.randint(5, 40)):
            scan = self.invent_scan(readers)
            learnt = self.learnt_of(scan) if trusted else self.next()
            wanted[self.verdict(scan, learnt)] += 1
            self.facts.scans[scan] = min(learnt, self.facts.scans.get(scan, OPEN))
            written = self.chance.choice(BANDS.get(scan.band, [scan.band]))
            rows.append(f"{text_of(scan.at)},{written},{scan.reader},{scan.direction or ''},"
                        f"{text_of(learnt) if trusted else ''}")
        path = self.file(f"scans{self.commands}.csv", "\n".join(rows) + "\n")
        printed = self.tell("import", "scans", path, "--json", *(["--trust-learnt"] if trusted else []))
        assert json.loads(printed) == wanted, f"import {path}: {printed} not {wanted}"

    def tell_withdrawal(self):
        scan = self.chance.choice(list(self.facts.scans) or [self.invent_scan(["r0"])])
        direction = self.chance.choice([None, scan.direction])
        learnt = self.next()
        if self.tell("withdraw", scan.reader, scan.band, text_of(scan.at), "--why", "an error",
                     *(["--direction", direction] if direction else []), may_refuse=True) is not None:
            self.facts.withdrawals.append(Withdrawal(scan.reader, scan.band, scan.at, direction, learnt))

    def tell_release(self):
        reader = self.chance.choice(list(self.facts.plans[-1][1].readers))
        since = self.chance.choice([EVER, self.a_moment()])
        until = self.chance.choice([OPEN, max(since, MORNING) + self.chance.randint(1, WINDOW_S) * SECOND])
        shift = self.chance.choice([0, -60, -300, 30, -3600])
        learnt = self.next()
        if self.tell("release", reader, "--why", "its clock", *given("--from", since), *given("--until", until),
                     "--shift", f"{shift}s", may_refuse=True) is not None:
            self.facts.releases.append(Release(reader, since, until, shift * SECOND, learnt))

    def tell_completion(self):
        reader, until = self.chance.choice(list(self.facts.plans[-1][1].readers)), self.a_moment()
        learnt = self.next()
        self.tell("complete", reader, text_of(until))
        self.facts.completions.append(Completion(reader, until, learnt))

    def tell_pairing(self):
        band, at = self.chance.choice(list(BANDS)), self.a_moment()
        theirs = [(person, since, until) for (paired, person, since), until in self.facts.in_force(OPEN).items()
                  if paired == band]
        covering = [row for row in theirs if row[1] <= at < row[2]]
        if any(row[1] == at for row in theirs):
            return
        learnt = self.next()
        if covering:
            person, since, until = covering[0][0], covering[0][1], at
            self.tell("unpair", band, "--at", text_of(at))
        else:
            person, since = self.chance.choice(list(self.facts.people)), at
            until = min((row[1] for row in theirs if row[1] > at), default=OPEN)
            self.tell("pair", band, person, "--from", text_of(at), *given("--until", until))
        self.facts.pairings.append(Pairing(band, person, since, until, learnt))

    # ---- Questions ----

    def a_known(self):
        """The oracle's moment and how it is asked; OPEN and None: without `known`."""
        kind = self.chance.random()
        if kind < 0.3:
            return OPEN, None
        if kind < 0.65:
            learnt = self.chance.choice(self.learnt) + self.chance.choice([0, 0, -1, 1])
            return learnt, text_of(learnt)
        moment, clock = self.chance.choice(self.between)
        return moment, text_of(clock)

    def compare(self, known_text, words, wanted):
        wanted["known"] = known_text
        printed = json.loads(self.run(*words, *(["--known", known_text] if known_text else []), "--json").stdout)
        assert printed == wanted, f"{' '.join(words)} --known {known_text}\nprinted {printed}\nwanted  {wanted}"

    def ask(self):
        known, known_text = self.a_known()
        lives = self.facts.lives(known)
        asked = known if known < COMMANDS else OPEN
        question = self.chance.choice([self.ask_list, self.ask_counts, self.ask_person, self.ask_path, self.ask_with,
                                       self.ask_occupancy])
        question(lives, known, asked, known_text)

    def an_instant(self, asked):
        scans = list(self.facts.scans)
        at = MORNING + self.chance.randint(-100, 2600) * SECOND
        if scans and self.chance.random() < 0.5:
            at = self.chance.choice(scans).at + self.chance.choice([-1, 0, 1])
        return min(at, asked)

    def a_person(self):
        return self.chance.choice(by_bytes(self.facts.lives(OPEN)))

    def ask_list(self, lives, known, asked, known_text):
        plan, at = self.facts.plan(known), self.an_instant(asked)
        zone = self.chance.choice([None, *NOWHERE, *plan.zones])
        groups = [group for theirs in self.facts.people.values() for group in theirs]
        group = self.chance.choice([None, *groups[:1]])
        people = []
        for person in by_bytes(lives):
            there = lives[person].where(at)
            del there["last_zone"]
            inside = there["zone"] not in NOWHERE if zone is None else \
                there["zone"] == zone or plan.is_in(there["zone"], zone)
            if inside and (group is None or group in self.facts.people.get(person, [])):
                there.update(person=person, since=text_of(there["since"]), last_seen=text_of(there["last_seen"]))
                people.append(there)
        words = ["at", text_of(at), *(["--zone", zone] if zone else []), *(["--group", group] if group else [])]
        self.compare(known_text, words, {"as_of": text_of(at), "zone": zone, "count": len(people), "people": people,
                                         "could_change": self.facts.could_change(at, known)})

    def ask_counts(self, lives, known, asked, known_text):
        plan, at = self.facts.plan(known), self.an_instant(asked)
        there = [life.where(at)["zone"] for life in lives.values()]
        zones = [{"zone": zone, "count": sum(plan.is_in(z, zone) for z in there), "direct": there.count(zone)}
                 for zone in by_bytes(plan.zones)]
        self.compare(known_text, ["at", text_of(at), "--counts"],
                     {"as_of": text_of(at), "zones": zones, "outside": there.count("outside"),
                      "unknown": there.count("unknown"), "could_change": self.facts.could_change(at, known)})

    def ask_person(self, lives, known, asked, known_text):
        at, person = self.an_instant(asked), self.a_person()
        there = {"zone": "unknown", "since": None, "last_seen": None, "reader": None, "last_zone": None}
        if person in lives:
            there = lives[person].where(at)
        there.update(since=text_of(there["since"]), last_seen=text_of(there["last_seen"]))
        self.compare(known_text, ["at", text_of(at), "--person", person],
                     {"as_of": text_of(at), "person": person, **there,
                      "could_change": self.facts.could_change(at, known)})

    def a_window(self):
        since = self.chance.choice([EVER, MORNING + self.chance.randint(-100, 2000) * SECOND])
        until = self.chance.choice([OPEN, max(since, MORNING) + self.chance.randint(1, 2000) * SECOND])
        return since, until, [*given("--from", since), *given("--until", until)]

    def ask_path(self, lives, known, asked, known_text):
        person = self.a_person()
        since, until, words = self.a_window()
        stays = lives[person].stays(since, until, asked) if person in lives else []
        self.compare(known_text, ["path", person, *words],
                     {"person": person, "from": text_of(since), "until": text_of(until), "stays": [
                         {"zone": stay.zone, "from": text_of(stay.since), "until": text_of(end),
                          "last_seen": text_of(stay.last_seen), "scans": stay.scans, "flags": sorted(stay.flags)}
                         for stay, end in stays]})

    def ask_with(self, lives, known, asked, known_text):
        person = self.a_person()
        since, until, words = self.a_window()
        least = self.chance.choice([1, 60, 300, 600])
        end_of_window = min(until, asked)
        if until != OPEN:
            end_of_window = until
        if end_of_window == OPEN:
            return  # an open stay would run to the moment of the question, which is the clock's

        def clipped(life):
            for stay, end in life.stays(since, until, asked):
                yield stay.zone, max(stay.since, since), min(end, end_of_window)
        people = []
        mine = list(clipped(lives[person])) if person in lives else []
        for other in by_bytes(lives):
            shared = [(max(a[1], b[1]), min(a[2], b[2]), a[0]) for a in mine for b in clipped(lives[other])
                      if other != person and a[0] == b[0] and max(a[1], b[1]) < min(a[2], b[2])]
            together = sum(end - begin for begin, end, _ in shared)
            if together >= least * SECOND:
                people.append({"person": other, "seconds": together // SECOND,
                               "first": text_of(min(s[0] for s in shared)),
                               "last": text_of(max(s[1] for s in shared)),
                               "zones": by_bytes({s[2] for s in shared})})
        self.compare(known_text, ["with", person, *words, "--min", f"{least}s"],
                     {"person": person, "from": text_of(since), "until": text_of(until), "min_s": least,
                      "people": people})

    def ask_occupancy(self, lives, known, asked, known_text):
        plan = self.facts.plan(known)
        zone = self.chance.choice(list(plan.zones))
        since = MORNING + self.chance.randint(-10, WINDOW_S) * SECOND
        until = min(since + self.chance.randint(1, 1500) * SECOND, asked)
        every = self.chance.choice([7, 60, 300])
        if until <= since:
            return
        points = [{"at": text_of(at), "count": sum(plan.is_in(life.where(at)["zone"], zone) for life in lives.values())}
                  for at in range(since, until, every * SECOND)]
        self.compare(known_text, ["occupancy", zone, "--from", text_of(since), "--until", text_of(until), "--every",
                                  f"{every}s"],
                     {"zone": zone, "from": text_of(since), "until": text_of(until), "every_s": every,
                      "points": points})

    def play(self):
        self.describe(*self.invent_plan())
        self.tell_people()
        self.tell_bands()
        for _ in range(self.chance.randint(2, 6)):
            if self.chance.random() < 0.55:
                self.tell_scans(self.chance.random() < 0.6)
            else:
                self.chance.choice([self.tell_withdrawal, self.tell_release, self.tell_completion, self.change_plan,
                                    self.tell_pairing])()
            self.ask()
            self.ask()
        self.tell_scans(True)
        for _ in range(20):
            self.ask()


def main():
    first = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 20
    for seed in range(first, first + count):
        folder = tempfile.mkdtemp(prefix="whereabouts-oracle-")
        try:
            Site(seed, folder).play()
        except AssertionError as error:
            print(f"seed {seed}: {error}", file=sys.stderr)
            return 1
        finally:
            shutil.rmtree(folder)
    print(f"{count} sites answer as the contract says")
    return 0


sys.exit(main())
