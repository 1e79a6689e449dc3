"""Every row of src/access/rights.def on the stream: each role with each kind of limit listens while
somebody does what the row lets do. Which frames arrive, and which do not, follows from the limits.
A new row fails until SCENES says what the stream tells of it, or SILENT that it tells nothing."""
import json
import threading
import time
import unittest

import rights
from server import Site, now, scan

# Rows of these kinds change nothing, so there is nothing to tell.
SILENT_KINDS = {"QUESTION": "asked once and answered once", "PLAIN": "not about the site"}
# Changes of which live pages are told nothing. What can be done here is done, and nothing arrives.
SILENT = {
    "scans_get": "an export, which ends when all of it is said",
    "session_post": "who signs in changes no one's place",
    "session_put": "a purpose is of the session",
    "first_operator_post": "there is no stream before there is an operator",
    "operators_post": "a new operator is listed by /v1/operators",
    "tokens_post": "a new token is listed by /v1/tokens",
    "plan_put": "a page asks for the plan when it is opened",
    "places_put": "a page asks for the places when it is opened",
    "purposes_put": "purposes are asked for before sign-in",
}

ZONES = {"house": {"house", "hall"}, "hall": {"hall"}, "yard": {"yard"}, "outside": {"outside"}, "cellar": set()}
LIMITS = {
    "none": {},
    "hall": {"zones": ["hall"]},
    "house": {"zones": ["house"]},
    "yard and outside": {"zones": ["yard", "outside"]},
    "staff": {"groups": ["staff"]},
    "hall and staff": {"zones": ["hall"], "groups": ["staff"]},
    "nowhere": {"zones": ["cellar"]},
    "nobody": {"groups": ["crew"]},
}
LEADS = {"hall-door": {"house", "hall"}, "front-in": {"house"}, "front-out": {"house"}, "yard-in": {"yard"}}
SETTLE_S = 0.35  # three frames
PASSWORD = "a long enough password"


class Listener:
    """One who listens: the frames that arrived, and when it ended."""

    def __init__(self, site, name, limits, headers):
        self.name, self.limits, self.headers, self.site = name, limits, headers, site
        self.frames, self.ended, self.lock = [], None, threading.Lock()
        self.connection = site.connect()
        self.connection.timeout = 60
        self.connection.request("GET", "/v1/stream", headers=headers)
        self.answer = self.connection.getresponse()
        assert self.answer.status == 200, (name, self.answer.status, self.answer.read())
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        event = data = None
        try:
            for line in iter(self.answer.readline, b""):
                word, _, rest = line.decode().rstrip("\n").partition(": ")
                if word == "event":
                    event = rest
                elif word == "data":
                    data = json.loads(rest)
                elif not word and event:
                    with self.lock:
                        self.frames.append((event, data))
                    event = data = None
        except OSError:
            pass
        self.ended = time.monotonic()

    def take(self):
        with self.lock:
            frames, self.frames = self.frames, []
        return frames

    def count(self, event):
        with self.lock:
            return sum(1 for frame in self.frames if frame[0] == event)

    # What the limits mean.
    def sees_zone(self, zone):
        return "zones" not in self.limits or any(zone in ZONES[z] for z in self.limits["zones"])

    def knows(self, groups):
        return "groups" not in self.limits or any(g in self.limits["groups"] for g in groups)

    def sees(self, person):
        return self.knows(person["groups"]) and self.sees_zone(person["zone"])

    def hears_of(self, reader):
        return any(self.sees_zone(zone) for zone in LEADS[reader])


class World:
    """Who is where, as this test believes, beside the server's own belief."""

    def __init__(self):
        self.site = Site().start().admit()
        self.people = {
            "amelie": {"groups": ["staff", "night"], "zone": "outside"}, "bela": {"groups": ["staff"], "zone": "outside"},
            "cleo": {"groups": ["guests"], "zone": "outside"}, "dan": {"groups": ["guests"], "zone": "outside"},
            "zed": {"groups": [], "zone": "outside"},
        }
        self.done("POST", "/v1/people", "id,name,groups\ndan,Dan,guests\nzed,Zed,\n", kind="text/csv")
        for person in self.people:
            self.scan(person, "front-in", -400)
            self.scan(person, "front-out", -390)
        for person, reader in (("amelie", "hall-door"), ("cleo", "hall-door"), ("bela", "yard-in"), ("dan", "yard-in")):
            self.scan(person, reader, -300, "in" if reader == "hall-door" else None)
            self.people[person]["zone"] = "hall" if reader == "hall-door" else "yard"
        self.listeners, self.tokens = [], {}
        self.admin = {"Authorization": "Bearer " + self.site.tokens["admin"]}

    def done(self, method, path, body=None, kind="application/json", headers=None):
        headers = headers or {"Authorization": "Bearer " + self.site.tokens["admin"]}
        status, _, answer = self.site.ask(method, path, body, headers=headers, kind=kind)
        assert 200 <= status < 300, (method, path, status, answer)
        return answer

    def scan(self, person, reader, ago_s=0.0, direction=None):
        row = scan("person:" + person, reader, ago_s)
        if direction:
            row["direction"] = direction
        self.done("POST", "/v1/scans", {"scans": [row]})

    def listen(self):
        """Everybody whom the table lets listen: each role, with each kind of limit where the cell has one; by a
        token, and by a session."""
        stream = next(row for row in rights.rows() if row.handler == "stream_get")
        for role in rights.ROLES[1:]:
            if stream.cells[role] == "NO":
                continue
            limits = LIMITS if stream.cells[role] == "SCOPED" else {"none": {}}
            for name, limit in limits.items():
                token = self.done("POST", "/v1/tokens", {"role": role, "purpose": "a board", **limit})
                self.add(f"{role}, {name}", limit, {"Authorization": "Bearer " + token["token"]}, token["id"])
            for name in set(limits) & {"none", "hall and staff"}:
                operator = f"{role}-{name}".replace(" ", "-")
                self.done("POST", "/v1/operators", {"name": operator, "role": role, "password": PASSWORD, **limits[name]})
                status, headers, _ = self.site.ask("POST", "/v1/session", {"operator": operator, "password": PASSWORD, "purpose": ""})
                assert status == 200, status
                self.add(f"{role}, {name}, by cookie", limits[name], {"Cookie": headers["Set-Cookie"].split(";")[0]}, operator)

    def add(self, name, limits, headers, key):
        listener = Listener(self.site, name, limits, headers)
        listener.key = key
        self.listeners.append(listener)


def rows_of(frames):
    """The newest row of each person that frames of moves told."""
    rows = {}
    for event, data in frames:
        if event == "moves":
            rows.update({row["person"]: row["zone"] for row in data["people"]})
    return rows


class Streams(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = World()
        cls.world.listen()
        deadline = time.monotonic() + 8  # how the readers are is told each five seconds
        while time.monotonic() < deadline and any(not listener.count("readers") for listener in cls.world.listeners):
            time.sleep(0.05)
        cls.seen = [(listener, listener.take()) for listener in cls.world.listeners]

    @classmethod
    def tearDownClass(cls):
        cls.world.site.stop()

    def check_frame(self, listener, event, data):
        """What no frame of a listener may have, whatever happened."""
        where = f"{listener.name}: {event} {data}"
        if event == "moves":
            for row in data["zones"]:
                self.assertTrue(listener.sees_zone(row["zone"]), where)
            for zone in ("outside", "unknown"):
                self.assertEqual(data[zone] is not None, listener.sees_zone(zone), where)
            for row in data["people"]:
                self.assertTrue(row["zone"] is None or listener.sees_zone(row["zone"]), where)
                if row["zone"] is None:
                    self.assertEqual((row["since"], row["last_seen"], row["reader"]), (None, None, None), where)
        elif event == "readers":
            told = {row["id"] for row in data["readers"]}
            self.assertEqual(told, {reader for reader in LEADS if listener.hears_of(reader)}, where)

    def play(self, what, act, moves=(), changed=(), reset=False):
        """Do something; moves: {person: zone where they are then, or their new groups}; changed: of whom the past is
        another. Then each listener has exactly the frames that the limits let through."""
        listeners = self.world.listeners
        before = [{p: one.sees(person) for p, person in self.world.people.items()} for one in listeners]
        act()
        for person, new in dict(moves).items():
            self.world.people[person]["groups" if isinstance(new, list) else "zone"] = new
        wanted = []
        for listener, saw in zip(listeners, before):
            rows = {}
            for person in dict(moves):
                one = self.world.people[person]
                if listener.sees(one):
                    rows[person] = one["zone"]
                elif saw[person]:
                    rows[person] = None
            wanted.append(rows)
        deadline = time.monotonic() + 3
        while time.monotonic() < deadline and any(rows and not listener.count("moves") for listener, rows in zip(listeners, wanted)):
            time.sleep(0.01)
        time.sleep(SETTLE_S)
        for listener, rows in zip(listeners, wanted):
            frames = listener.take()
            with self.subTest(what=what, listener=listener.name):
                for frame in frames:
                    self.check_frame(listener, *frame)
                self.assertEqual(rows_of(frames), rows)
                events = {event for event, _ in frames} - {"readers"}
                told = {p for event, data in frames if event == "changed" for p in data["people"]}
                self.assertEqual(told, {p for p in changed if listener.sees(self.world.people[p])})
                self.assertEqual(events, {event for event, there in (("moves", rows), ("changed", told), ("reset", reset)) if there})

    # ---- The table ----

    def test_every_row_is_told_or_said_to_be_silent(self):
        rows = rights.rows()
        told = {name[len("test_of_"):] for name in dir(self) if name.startswith("test_of_")}
        for row in rows:
            ways = (row.kind in SILENT_KINDS) + (row.handler in SILENT) + (row.handler in told)
            self.assertEqual(ways, 1, f"{row.method} {row.pattern} ({row.handler}): say what the stream tells of it, or that it tells nothing")
        self.assertEqual(set(SILENT) | told, {row.handler for row in rows if row.kind not in SILENT_KINDS})

    def test_of_stream_get(self):
        stream = next(row for row in rights.rows() if row.handler == "stream_get")
        made = {"anonymous": {}, "reader": {"Authorization": "Bearer " + self.world.site.tokens["reader"]}}
        for role in rights.ROLES:
            listens = [one for one in self.world.listeners if one.name.startswith(role)]
            self.assertEqual(bool(listens), stream.cells[role] != "NO", role)
            if stream.cells[role] == "NO":
                self.assertEqual(self.world.site.ask("GET", "/v1/stream", headers=made[role])[0], 401 if role == "anonymous" else 403)
        for listener, frames in self.seen:
            self.assertEqual(frames[0][0], "hello", listener.name)
            for frame in frames:
                self.check_frame(listener, *frame)

    # ---- What moves people ----

    def test_of_scans_post(self):
        move = lambda person, reader, zone, direction=None: self.play(
            f"{person} goes to {zone}", lambda: self.world.scan(person, reader, 0, direction), {person: zone})
        move("amelie", "yard-in", "yard")
        move("amelie", "hall-door", "hall", "in")
        move("cleo", "yard-in", "yard")
        move("cleo", "front-in", "house")
        move("cleo", "hall-door", "hall", "in")
        move("dan", "front-out", "outside")
        move("bela", "front-out", "outside")
        move("bela", "hall-door", "hall", "in")
        move("bela", "hall-door", "house", "out")
        move("zed", "yard-in", "yard")
        move("dan", "yard-in", "yard")

    def test_of_heartbeat_post(self):
        world = self.world
        time.sleep(5.5)  # what the scans of other tests say of the readers has been told
        for one in world.listeners:
            one.take()
        world.done("POST", "/v1/readers/yard-in/heartbeat", {"time": now(), "complete_until": now(-1)})
        time.sleep(6)
        for listener in world.listeners:
            with self.subTest(listener=listener.name):
                frames = listener.take()
                for frame in frames:
                    self.check_frame(listener, *frame)
                self.assertEqual([event for event, _ in frames], ["readers"] if listener.hears_of("yard-in") else [])

    # ---- What changes the past ----

    def held(self, band, reader):
        self.world.done("POST", "/v1/scans", {"scans": [scan(band, reader, -380)]})

    def test_of_pairings_post(self):
        for person, reader in (("amelie", "front-in"), ("cleo", "front-in"), ("zed", "yard-in"), ("bela", "yard-in")):
            self.held("H-" + person, reader)
            self.play(f"a band is {person}'s", lambda: self.world.done("POST", "/v1/pairings", {"band": "H-" + person, "person": person}),
                      {person: self.world.people[person]["zone"]}, [person])

    def test_of_withdrawals_post(self):
        for person, reader in (("amelie", "front-in"), ("zed", "yard-in")):
            at = now(-200)
            row = {"reader": reader, "band": "person:" + person, "time": at}
            there = {person: self.world.people[person]["zone"]}
            self.play(f"a late scan of {person}", lambda: self.world.done("POST", "/v1/scans", {"scans": [row]}), there, [person])
            self.play("it is withdrawn", lambda: self.world.done("POST", "/v1/withdrawals", {**row, "why": "a test"}), there, [person])

    def test_of_releases_post(self):
        for person, reader in (("cleo", "front-in"), ("dan", "yard-in")):
            self.world.done("POST", "/v1/scans", {"scans": [scan("person:" + person, reader, 3600 * 3 - 250)]})
            self.play(f"a wrong clock of {person}'s reader is put right",
                      lambda: self.world.done("POST", "/v1/releases", {"reader": reader, "shift": "-3h", "why": "a test"}),
                      {person: self.world.people[person]["zone"]}, [person])

    # ---- What changes who may be seen ----

    def test_of_person_put(self):
        for person, groups in (("cleo", ["staff"]), ("cleo", ["guests"]), ("amelie", ["guests"]), ("amelie", ["staff"])):
            self.regroup(person, groups, lambda: self.world.done("PUT", "/v1/people/" + person, {"groups": groups}))

    def test_of_people_post(self):
        for groups in ("staff", ""):
            self.regroup("zed", [g for g in [groups] if g],
                         lambda: self.world.done("POST", "/v1/people", f"id,name,groups\nzed,Zed,{groups}\n", kind="text/csv"))

    def regroup(self, person, groups, act):
        """Who is limited to groups is told of one who joins or leaves them; to the others it is nothing new."""
        before = {one: one.sees(self.world.people[person]) for one in self.world.listeners}
        act()
        self.world.people[person]["groups"] = groups
        time.sleep(2 * SETTLE_S)
        for listener in self.world.listeners:
            frames = listener.take()
            with self.subTest(person=person, groups=groups, listener=listener.name):
                for frame in frames:
                    self.check_frame(listener, *frame)
                sees = listener.sees(self.world.people[person])
                rows = {p: zone for p, zone in rows_of(frames).items() if p == person}
                if sees and not before[listener]:
                    self.assertEqual(rows, {person: self.world.people[person]["zone"]})
                elif before[listener] and not sees:
                    self.assertEqual(rows, {person: None})
                elif not sees:
                    self.assertEqual(rows, {})

    def test_of_site_put(self):
        site = self.world.done("GET", "/v1/site")
        site["name"] = "Another"
        self.play("the site's description is another", lambda: self.world.done("PUT", "/v1/site", site), reset=True)

    def test_of_person_delete(self):
        self.world.done("PUT", "/v1/people/leaver", {"name": "Leaver"})
        self.play("somebody is erased", lambda: self.world.done("DELETE", "/v1/people/leaver"), reset=True)

    def test_silent_changes_tell_nothing(self):
        self.play("a plan", lambda: self.world.done("PUT", "/v1/plan", '<svg xmlns="http://www.w3.org/2000/svg"/>', kind="image/svg+xml"))
        self.play("places", lambda: self.world.done("PUT", "/v1/plan/places", {"places": []}))
        self.play("purposes", lambda: self.world.done("PUT", "/v1/purposes", {"purposes": []}))
        self.play("a token", lambda: self.world.done("POST", "/v1/tokens", {"role": "viewer"}))
        self.play("an operator", lambda: self.world.done("POST", "/v1/operators", {"name": "new", "role": "viewer", "password": PASSWORD}))

    # ---- What ends a stream ----

    def end(self, listener, act):
        others = [one for one in self.world.listeners if one is not listener]
        act()
        answered = time.monotonic()
        while time.monotonic() < answered + 2 and listener.ended is None:
            time.sleep(0.01)
        self.assertIsNotNone(listener.ended, listener.name + " goes on")
        self.assertLess(listener.ended - answered, 1.0, listener.name)
        self.assertEqual([one.name for one in others if one.ended is not None], [])
        status = self.world.site.ask("GET", "/v1/now", headers=listener.headers)[0]
        self.assertEqual(status, 401, listener.name)
        self.world.listeners.remove(listener)

    def cookies(self):
        return [one for one in self.world.listeners if "by cookie" in one.name]

    def test_of_session_delete(self):
        for listener in [self.cookies()[0], self.cookies()[-2]]:
            mine = {**listener.headers, "Sec-Fetch-Site": "same-origin"}
            self.end(listener, lambda: self.world.done("DELETE", "/v1/session", headers=mine))

    def test_of_operator_delete(self):
        for listener in self.cookies():
            self.end(listener, lambda: self.world.done("DELETE", "/v1/operators/" + listener.key))

    def test_of_token_delete(self):
        tokens = [one for one in self.world.listeners if "by cookie" not in one.name]
        for listener in tokens[::4]:
            self.end(listener, lambda: self.world.done("DELETE", "/v1/tokens/" + listener.key))


def load_tests(_loader, _tests, _pattern):
    """In the order in which they stand: streams are ended last."""
    return unittest.TestSuite(Streams(name) for name in vars(Streams) if name.startswith("test_"))


if __name__ == "__main__":
    unittest.main()
