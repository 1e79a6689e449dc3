"""The server as readers, programs and pages use it. Run by server_test.sh."""
import http.client
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import unittest
import urllib.parse

from server import PROGRAM, Site, now, scan


class Serving(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.site = Site().start().admit()

    @classmethod
    def tearDownClass(cls):
        assert cls.site.stop() == 0

    def ask(self, *words, **more):
        return self.site.ask(*words, **more)

    def recorded(self):
        """Look-ups and people named, as the server counts them."""
        text = self.ask("GET", "/metrics", token="admin")[2].decode()
        numbers = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
        return int(numbers["whereabouts_lookups_total"]), int(numbers["whereabouts_people_named_total"])

    def test_a_scan_is_answered_with_the_import_document_and_believed(self):
        status, _, body = self.ask("POST", "/v1/scans", {"scans": [scan("B-A"), scan("B-NOBODY")]}, token="admin")
        self.assertEqual((status, body), (200, {"accepted": 1, "duplicates": 0, "held": 1, "quarantined": 0,
                                                "refused": 0, "ambiguous_times": 0}))
        status, _, body = self.ask("GET", "/v1/now?person=amelie", token="admin")
        self.assertEqual((status, body["zone"]), (200, "hall"))

    def test_csv_and_ndjson_are_taken(self):
        text = f"reader,time,band\nyard-in,{now()},B-C\nnowhere,{now()},B-C\n"
        status, _, body = self.ask("POST", "/v1/scans", text, token="admin", kind="text/csv")
        self.assertEqual((status, body["accepted"], body["refused"]), (200, 1, 1))
        text = json.dumps(scan("B-B", "yard-in")) + "\n{\n"
        status, _, body = self.ask("POST", "/v1/scans", text, token="admin", kind="application/x-ndjson")
        self.assertEqual((status, body["accepted"], body["refused"]), (200, 1, 1))

    def test_a_body_that_is_malformed_at_its_end_has_changed_nothing(self):
        good = json.dumps(scan("B-ONLY-HERE"))
        status, _, body = self.ask("POST", "/v1/scans", '{"scans":[' + good + ",{]}", token="admin")
        self.assertEqual((status, body["type"]), (400, "urn:whereabouts:problem:bad-json"))
        status, _, _ = self.ask("GET", "/v1/bands/B-ONLY-HERE", token="admin")
        self.assertEqual(status, 404)

    def test_a_reader_sends_its_own_scans_and_nothing_else(self):
        self.assertEqual(self.ask("POST", "/v1/scans", {"scans": [scan("B-A")]}, token="reader")[0], 200)
        for reader in ("yard-in", "no-such-reader"):
            self.assertEqual(self.ask("POST", "/v1/scans", {"scans": [scan("B-A", reader)]}, token="reader")[0], 403)
        self.assertEqual(self.ask("GET", "/v1/now", token="reader")[0], 403)
        body = {"time": now(), "complete_until": now(-1)}
        self.assertEqual(self.ask("POST", "/v1/readers/hall-door/heartbeat", body, token="reader")[0], 200)
        self.assertEqual(self.ask("POST", "/v1/readers/yard-in/heartbeat", body, token="reader")[0], 403)

    def test_nobody_is_told_anything_without_a_right(self):
        for path in ("/v1/now", "/v1/people/amelie", "/v1/people/nobody", "/v1/site", "/metrics", "/v1/stream"):
            self.assertEqual(self.ask("GET", path)[0], 401, path)
            self.assertEqual(self.ask("GET", path, token="wb_" + "A" * 43)[0], 401, path)

    def test_out_of_scope_looks_as_what_is_not_there(self):
        answers = [self.ask("GET", "/v1/now?person=" + who, token="staff") for who in ("cleo", "nobody-at-all")]
        self.assertEqual([a[0] for a in answers], [403, 403])
        self.assertEqual(answers[0][2], answers[1][2])
        answers = [self.ask("GET", "/v1/now?zone=" + zone, token="yard") for zone in ("hall", "no-such-zone")]
        self.assertEqual([a[0] for a in answers], [403, 403])
        self.assertEqual(answers[0][2], answers[1][2])

    def test_a_limited_caller_sees_only_what_is_theirs(self):
        self.ask("POST", "/v1/scans", {"scans": [scan("B-A"), scan("B-C", "yard-in")]}, token="admin")
        people = {p["person"] for p in self.ask("GET", "/v1/now", token="staff")[2]["people"]}
        self.assertIn("amelie", people)
        self.assertNotIn("cleo", people)
        body = self.ask("GET", "/v1/now", token="yard")[2]
        self.assertEqual({p["zone"] for p in body["people"]}, {"yard"})
        body = self.ask("GET", "/v1/now?counts=true", token="yard")[2]
        self.assertEqual([z["zone"] for z in body["zones"]], ["yard"])
        self.ask("POST", "/v1/scans", {"scans": [scan("B-C", "front-in")]}, token="admin")
        body = self.ask("GET", "/v1/people/cleo/path", token="yard")[2]
        self.assertEqual({s["zone"] for s in body["stays"]}, {"yard"})

    def test_names_are_told_when_they_are_asked_for(self):
        self.ask("POST", "/v1/scans", {"scans": [scan("B-B")]}, token="admin")
        for path in ("/v1/now?", f"/v1/at?time={now()}&"):
            plain = self.ask("GET", path + "names=false", token="viewer")[2]["people"]
            self.assertNotIn("name", plain[0])
            named = self.ask("GET", path + "names=true", token="viewer")[2]["people"]
            row = next(row for row in named if row["person"] == "bela")
            self.assertEqual((row["name"], row["needs_help"]), ("Béla Óvári", False))
            self.assertEqual([{k: v for k, v in row.items() if k not in ("name", "needs_help")} for row in named], plain)
        self.assertEqual(self.ask("GET", "/v1/now?person=bela&names=true", token="viewer")[2]["name"], "Béla Óvári")
        self.assertEqual(self.ask("GET", "/v1/now?names=yes", token="viewer")[0], 400)

    def test_purposes_are_told_before_sign_in(self):
        self.assertEqual(self.ask("PUT", "/v1/purposes", {"purposes": ["care", "test"]}, token="admin")[0], 200)
        status, _, body = self.ask("GET", "/v1/purposes")
        self.assertEqual((status, body), (200, {"purposes": ["care", "test"]}))
        self.assertEqual(self.ask("PUT", "/v1/purposes", {"purposes": []})[0], 401)
        self.assertEqual(self.ask("PUT", "/v1/purposes", {"purposes": []}, token="admin")[0], 200)

    def test_every_answer_that_names_people_is_on_record_when_it_is_given(self):
        self.ask("POST", "/v1/scans", {"scans": [scan("B-A"), scan("B-B"), scan("B-C", "yard-in")]}, token="admin")
        for path, count in (("/v1/now", None), ("/v1/now?names=true", None), ("/v1/now?person=bela", 1), ("/v1/people?q=am", 1),
                            ("/v1/people/amelie/path", 1), ("/v1/now?counts=true", 0), ("/v1/readers", 0)):
            before = self.recorded()
            status, _, body = self.ask("GET", path, token="viewer")
            self.assertEqual(status, 200, (path, body))
            named = len(body["people"]) if "people" in body else count
            after = self.recorded()
            self.assertEqual(after[1] - before[1], named, path)
            self.assertEqual(after[0] - before[0], 1 if named else 0, path)
        body = self.ask("GET", "/v1/people/bela/lookups", token="admin")[2]
        mine = [row for row in body["lookups"] if row["question"] == "/v1/now?person=bela"]
        self.assertEqual((mine[0]["purpose"], mine[0]["kind"], mine[0]["people"]), ("care", "answer", 1))

    def test_people_are_found_as_one_types(self):
        for typed, found in (("amel", "amelie"), ("dup", "amelie"), ("ÓVÁ", "bela"), ("mar cl", "cleo")):
            body = self.ask("GET", "/v1/people?q=" + urllib.parse.quote(typed), token="admin")[2]
            self.assertEqual([p["id"] for p in body["people"]], [found], typed)
        self.assertEqual(len(self.ask("GET", "/v1/people?q=", token="admin")[2]["people"]), 3)
        status, _, body = self.ask("PUT", "/v1/people/dora", {"name": "Dora Zimmer", "groups": ["guests"]}, token="admin")
        self.assertEqual((status, body["id"]), (201, "dora"))
        self.assertEqual(self.ask("GET", "/v1/people?q=zimm", token="admin")[2]["people"][0]["groups"], ["guests"])
        status, _, body = self.ask("PUT", "/v1/people/dora", {"name": "Dora Acker"}, token="admin")
        self.assertEqual((status, self.ask("GET", "/v1/people/dora", token="admin")[2]["groups"]), (200, ["guests"]))
        self.assertEqual(self.ask("GET", "/v1/people?q=zimm", token="admin")[2]["people"], [])
        self.assertEqual(self.ask("DELETE", "/v1/people/dora", token="admin")[0], 204)
        self.assertEqual(self.ask("DELETE", "/v1/people/dora", token="admin")[0], 404)
        self.assertEqual(self.ask("GET", "/v1/people/dora/path", token="admin")[0], 404)
        self.assertEqual(self.ask("GET", "/v1/people?q=dora", token="admin")[2]["people"], [])

    def test_times_with_a_plus_are_understood(self):
        for time_ in ("2026-01-05T08:30:00+01:00", "2026-01-05T08:30:00%2B01:00"):
            status, _, body = self.ask("GET", "/v1/at?counts=true&time=" + time_, token="viewer")
            self.assertEqual((status, body["as_of"]), (200, "2026-01-05T07:30:00Z"))

    def test_wrong_questions_are_told_why(self):
        for path in ("/v1/at", "/v1/at?time=soon", "/v1/now?colour=red", "/v1/now?counts=maybe", "/v1/now?person=bela&zone=hall",
                     "/v1/zones/hall/occupancy?from=2026-01-01T00:00:00Z", "/v1/people/bela/path?from=2026-01-02T00:00:00Z&until=2026-01-01T00:00:00Z",
                     "/v1/people/bela/with?min=soon", "/v1/people?limit=0", "/v1/now?zone=%zz"):
            status, headers, body = self.ask("GET", path, token="admin")
            self.assertEqual((status, headers["Content-Type"]), (400, "application/problem+json"), path)
            self.assertEqual(body["status"], 400)
        self.assertEqual(self.ask("GET", "/v1/now?person=nobody", token="admin")[0], 404)
        self.assertEqual(self.ask("GET", "/v1/nothing", token="admin")[0], 404)
        status, headers, _ = self.ask("DELETE", "/v1/now", token="admin")
        self.assertEqual((status, headers["Allow"]), (405, "GET"))

    def test_corrections(self):
        late = scan("B-B", offset_s=-50)
        self.ask("POST", "/v1/scans", {"scans": [late]}, token="admin")
        body = {"reader": "hall-door", "band": "B-B", "time": late["time"], "why": "held by mistake"}
        self.assertEqual(self.ask("POST", "/v1/withdrawals", body, token="admin")[0], 201)
        status, _, body = self.ask("POST", "/v1/scans", {"scans": [scan("B-B", "yard-in", 3600)]}, token="admin")
        self.assertEqual(body["quarantined"], 1)
        self.assertEqual(len(self.ask("GET", "/v1/quarantined", token="admin")[2]["quarantined"]), 1)
        body = {"reader": "yard-in", "shift": "-1h", "why": "its clock"}
        status, _, body = self.ask("POST", "/v1/releases", body, token="admin")
        self.assertEqual((status, body["released"]), (201, 1))
        self.assertEqual(self.ask("POST", "/v1/releases", {"reader": "yard-in", "why": "again"}, token="admin")[0], 409)
        self.ask("POST", "/v1/scans", {"scans": [scan("B-NEW")]}, token="admin")
        self.assertIn("B-NEW", [h["band"] for h in self.ask("GET", "/v1/held", token="admin")[2]["held"]])
        self.assertEqual(self.ask("POST", "/v1/pairings", {"band": "B-NEW", "person": "cleo"}, token="admin")[0], 201)
        self.assertEqual(self.ask("GET", "/v1/bands/B-NEW", token="admin")[2]["person"], "cleo")
        self.assertEqual(self.ask("POST", "/v1/pairings", {"band": "B-NEW", "person": "bela"}, token="admin")[0], 409)

    def test_the_site_is_read_and_put(self):
        text = self.ask("GET", "/v1/site", token="viewer")[2]
        self.assertEqual(text["id"], "larch")
        status, _, body = self.ask("PUT", "/v1/site", '{"id":', token="admin")
        self.assertEqual((status, body["type"]), (400, "urn:whereabouts:problem:bad-site"))
        text["zones"].append({"id": "attic", "in": "house"})
        self.assertEqual(self.ask("PUT", "/v1/site", text, token="admin")[0], 200)
        zones = self.ask("GET", "/v1/zones", token="admin")[2]["zones"]
        self.assertIn("attic", [z["zone"] for z in zones])
        self.assertEqual(self.ask("PUT", "/v1/site", text, token="viewer")[0], 403)
        self.assertEqual([z["id"] for z in self.ask("GET", "/v1/site", token="yard")[2]["zones"]], ["yard"])
        plan = '<svg xmlns="http://www.w3.org/2000/svg"/>'
        self.assertEqual(self.ask("GET", "/v1/plan", token="admin")[0], 404)
        self.assertEqual(self.ask("PUT", "/v1/plan", plan, token="admin", kind="image/svg+xml")[0], 204)
        status, headers, body = self.ask("GET", "/v1/plan", token="viewer")
        self.assertEqual((status, headers["Content-Type"], body.decode()), (200, "image/svg+xml", plan))
        places = {"places": [{"zone": "hall", "x": 1, "y": 2.5, "w": 3, "h": 4}]}
        self.assertEqual(self.ask("PUT", "/v1/plan/places", places, token="admin")[2], places)
        self.assertEqual(self.ask("GET", "/v1/plan/places", token="viewer")[2], places)
        self.assertEqual(self.ask("GET", "/v1/plan/places", token="yard")[2], {"places": []})

    def test_signing_in_and_out(self):
        ours = {"Sec-Fetch-Site": "same-origin"}
        status, _, _ = self.ask("POST", "/v1/session", {"operator": "ada", "password": "wrong password"})
        self.assertEqual(status, 401)
        status, headers, body = self.ask("POST", "/v1/session", {"operator": "ada", "password": "a long enough password"})
        self.assertEqual((status, body["role"]), (200, "admin"))
        cookie = headers["Set-Cookie"]
        for word in ("HttpOnly", "SameSite=Strict", "Path=/"):
            self.assertIn(word, cookie)
        mine = {"Cookie": cookie.split(";")[0]}
        self.assertEqual(self.ask("GET", "/v1/session", headers=mine)[2]["name"], "ada")
        # A change by cookie must come from our own page.
        for foreign in ({}, {"Origin": "http://elsewhere.example"}, {"Sec-Fetch-Site": "cross-site"},
                        {"Sec-Fetch-Site": "same-origin", "Origin": "http://elsewhere.example"}):
            self.assertEqual(self.ask("PUT", "/v1/session", {"purpose": "x"}, headers={**mine, **foreign})[0], 403)
        origin = {"Origin": f"http://127.0.0.1:{self.site.port}"}
        self.assertEqual(self.ask("PUT", "/v1/session", {"purpose": "care"}, headers={**mine, **origin})[0], 200)
        self.assertEqual(self.ask("GET", "/v1/session", headers=mine)[2]["purpose"], "care")
        self.assertEqual(self.ask("DELETE", "/v1/session", headers={**mine, **ours})[0], 204)
        self.assertEqual(self.ask("GET", "/v1/session", headers=mine)[0], 401)

    def test_the_first_operators_code_works_once(self):
        body = {"code": self.site.code, "name": "eve", "password": "a long enough password"}
        self.assertEqual(self.ask("POST", "/v1/operators/first", body)[0], 403)
        self.assertEqual(self.ask("DELETE", "/v1/operators/ada", token="admin")[0], 409)

    def test_metrics_and_health(self):
        self.assertEqual(self.ask("GET", "/healthz")[2], {"status": "ok"})
        if shutil.which("promtool"):
            text = self.ask("GET", "/metrics", token="admin")[2]
            checked = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, check=False)
            self.assertEqual((checked.returncode, checked.stderr), (0, b""))
        self.assertIn(b"whereabouts_commit_seconds_bucket", self.ask("GET", "/metrics", token="admin")[2])

    def test_headers_are_as_they_were(self):
        """docs: whoever changes one of them changes test/e2e/headers.txt as well."""
        told = []
        for path, headers in (("/healthz", {}), ("/v1/now", {}), ("/v1/now?counts=true", {"token": "viewer"}),
                              ("/", {}), ("/person/amelie", {"Accept": "text/html"}), ("/v1/nothing", {})):
            token = headers.pop("token", None)
            status, answer, _ = self.ask("GET", path, token=token, headers=headers)
            told.append(f"GET {path} {status}")
            for name, value in sorted(answer.items()):
                if name in ("Date", "Content-Length", "ETag"):
                    value = "..."
                told.append(f"  {name}: {value}")
        with open("headers.txt", encoding="utf-8") as file:
            self.assertEqual("\n".join(told) + "\n", file.read())

    def test_what_a_body_does_not_have_is_refused(self):
        """A limit that is misspelt would be none."""
        status, _, body = self.ask("POST", "/v1/tokens", {"role": "viewer", "zone": ["yard"]}, token="admin")
        self.assertEqual((status, body["type"]), (400, "urn:whereabouts:problem:bad-body"))
        self.assertIn('"zone"', body["detail"])
        for path, method in (("/v1/tokens", "POST"), ("/v1/site", "PUT"), ("/v1/people/amelie", "PUT"), ("/v1/scans", "POST")):
            status, _, body = self.ask(method, path, '{"role":"viewer"}', kind="application/x-www-form-urlencoded", token="admin")
            self.assertEqual((status, body["type"]), (415, "urn:whereabouts:problem:bad-media-type"), path)
        self.assertEqual(self.ask("PUT", "/v1/people/amelie", {"id": "bela", "name": "Amelie"}, token="admin")[0], 400)

    def test_a_refusal_says_why(self):
        for path, body in (("/v1/withdrawals", {"reader": "hall-door", "time": now(), "why": "a test"}),
                           ("/v1/pairings", {"person": "amelie"}), ("/v1/pairings", {"replaces": "B-A"})):
            status, _, problem = self.ask("POST", path, dict(body, band="person:nobody"), token="admin")
            self.assertEqual((status, problem["type"]), (409, "urn:whereabouts:problem:refused"), path)
            self.assertIn("person:nobody", problem["detail"])

    def test_openapi_has_every_path(self):
        document = self.ask("GET", "/v1/openapi.json")[2]
        self.assertEqual(document["openapi"], "3.1.0")
        for path in ("/v1/scans", "/v1/people/{person}/path", "/v1/zones/{zone}/occupancy"):
            self.assertIn(path, document["paths"])


class Stream(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.site = Site().start().admit()

    @classmethod
    def tearDownClass(cls):
        assert cls.site.stop() == 0

    def listen(self, token, path="/v1/stream", last=None):
        headers = {"Authorization": "Bearer " + self.site.tokens.get(token, token)}
        if last:
            headers["Last-Event-ID"] = last
        connection = self.site.connect()
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        self.assertEqual((answer.status, answer.headers["Content-Type"]), (200, "text/event-stream"))
        return connection, answer

    def events(self, answer, until, seconds=5.0):
        """Read events up to one that `until` says yes to."""
        end = time.time() + seconds
        got, event = [], {}
        while time.time() < end:
            line = answer.readline().decode().rstrip("\n")
            if not line and not event:
                if answer.isclosed():
                    break
                continue
            if line.startswith(":"):
                continue
            if line:
                name, _, value = line.partition(": ")
                event[name] = value
                continue
            event["data"] = json.loads(event["data"])
            got.append(event)
            if until(event):
                return got
            event = {}
        self.fail(f"not in time: {got}")

    def test_a_move_is_told_and_the_watch_is_on_record(self):
        connection, answer = self.listen("viewer")
        self.events(answer, lambda e: e["event"] == "hello")
        began = time.time()
        self.site.ask("POST", "/v1/scans", {"scans": [scan("B-A")]}, token="admin")
        got = self.events(answer, lambda e: e["event"] == "moves")
        self.assertLess(time.time() - began, 1.0)
        moves = got[-1]["data"]
        self.assertEqual([(p["person"], p["zone"]) for p in moves["people"]], [("amelie", "hall")])
        self.assertIn({"zone": "hall", "count": 1, "direct": 1}, moves["zones"])
        last = got[-1]["id"]
        connection.close()
        # Away for one move, and back: nothing is lost and nothing comes twice.
        self.site.ask("POST", "/v1/scans", {"scans": [scan("B-B", "yard-in")]}, token="admin")
        time.sleep(0.3)
        connection, answer = self.listen("viewer", last=last)
        got = self.events(answer, lambda e: e["event"] == "moves")
        self.assertEqual([p["person"] for p in got[-1]["data"]["people"]], ["bela"])
        self.assertNotIn("reset", [e["event"] for e in got])
        connection.close()
        connection, answer = self.listen("viewer", last="00000000-5")
        self.assertEqual([e["event"] for e in self.events(answer, lambda e: e["event"] == "reset")], ["hello", "reset"])
        connection.close()
        body = self.site.ask("GET", "/v1/people/amelie/lookups", token="admin")[2]
        self.assertIn("watch", [row["kind"] for row in body["lookups"]])

    def test_counts_are_told_without_people_and_without_a_record(self):
        watches = lambda: [row for row in self.site.ask("GET", "/v1/people/cleo/lookups", token="admin")[2]["lookups"]
                           if row["kind"] == "watch"]
        before = watches()
        connection, answer = self.listen("viewer", "/v1/stream?counts=true")
        self.events(answer, lambda e: e["event"] == "hello")
        self.site.ask("POST", "/v1/scans", {"scans": [scan("B-C", "front-out")]}, token="admin")
        got = self.events(answer, lambda e: e["event"] == "moves")
        self.assertEqual(got[-1]["data"]["people"], [])
        self.assertTrue(got[-1]["data"]["zones"])
        connection.close()
        self.assertEqual(len(watches()), len(before))
        status, _, body = self.site.ask("GET", "/v1/stream?counts=true&zone=yard", token="viewer")
        self.assertEqual((status, body["type"].split(":")[-1]), (400, "bad-parameter"))

    def test_a_late_fact_is_told_as_a_change_of_the_past(self):
        self.site.ask("POST", "/v1/scans", {"scans": [scan("B-C", "yard-in", -30)]}, token="admin")
        connection, answer = self.listen("viewer")
        self.events(answer, lambda e: e["event"] == "hello")
        self.site.ask("POST", "/v1/scans", {"scans": [scan("B-C", "hall-door", -300)]}, token="admin")
        got = self.events(answer, lambda e: e["event"] == "changed")
        self.assertEqual(got[-1]["data"]["people"], ["cleo"])
        connection.close()

    def test_a_limited_page_is_told_of_its_own_only(self):
        connection, answer = self.listen("yard")
        self.events(answer, lambda e: e["event"] == "hello")
        self.site.ask("POST", "/v1/scans", {"scans": [scan("B-A", "front-in")]}, token="admin")
        self.site.ask("POST", "/v1/scans", {"scans": [scan("B-B", "yard-in")]}, token="admin")
        got = self.events(answer, lambda e: e["event"] == "moves" and e["data"]["people"])
        self.assertEqual({p["person"] for e in got if e["event"] == "moves" for p in e["data"]["people"]}, {"bela"})
        connection.close()

    def test_a_stream_ends_when_its_token_is_revoked(self):
        _, _, made = self.site.ask("POST", "/v1/tokens", {"role": "viewer"}, token="admin")
        connection, answer = self.listen(made["token"])
        self.events(answer, lambda e: e["event"] == "hello")
        self.site.ask("DELETE", "/v1/tokens/" + made["id"], token="admin")
        began = time.time()
        answer.read()
        self.assertLess(time.time() - began, 2.5)
        connection.close()


class Poster(threading.Thread):
    """Posts until there is no server any more, so many scans at a time, and keeps what was answered."""

    def __init__(self, site, name, count, kind):
        super().__init__()
        self.site, self.name, self.count, self.kind = site, name, count, kind
        self.answers, self.unanswered = [], None

    def body(self, bands):
        if self.kind == "text/csv":
            return "reader,time,band\n" + "".join("{reader},{time},{band}\n".format(**scan(band)) for band in bands)
        if self.kind == "application/x-ndjson":
            return "".join(json.dumps(scan(band)) + "\n" for band in bands)
        return {"scans": [scan(band) for band in bands]}

    def run(self):
        connection = self.site.connect()
        n = 0
        while True:
            bands = [f"{self.name}-{n}-{i}" for i in range(self.count)]
            n += 1
            try:
                status, _, body = self.site.ask("POST", "/v1/scans", self.body(bands), token="admin",
                                                connection=connection, kind=self.kind)
            except (OSError, http.client.HTTPException):
                self.unanswered = bands
                connection.close()
                return
            if status == 200 and body["held"] != self.count:
                status = body
            self.answers.append((status, bands))
            if status != 200:
                return

    @classmethod
    def crowd(cls, site, prefix):
        kinds = [(1, "application/json")] * 5 + [(40, "application/json"), (40, "text/csv"), (7, "application/x-ndjson")]
        posters = [cls(site, f"{prefix}{i}", count, kind) for i, (count, kind) in enumerate(kinds)]
        for poster in posters:
            poster.start()
        return posters


def held(site):
    return [row["band"] for row in json.loads(site.run("list", "held", "--json"))["held"]]


class Killed(unittest.TestCase):
    ROUNDS = 12
    SECONDS = 60  # on a busy machine there are fewer rounds

    def test_what_was_answered_is_there_after_kill_9_under_load(self):
        """Again and again on one file: after each round all scans that were ever answered are there,
        once, and what was sent in one request is there whole or not at all."""
        site = Site().start().admit()
        seed = int(time.time())
        dice = random.Random(seed)
        answered, all_posters = set(), []
        began = time.monotonic()
        for i in range(self.ROUNDS):
            if time.monotonic() - began > self.SECONDS and i >= 3:
                break
            posters = Poster.crowd(site, f"K{i}-")
            time.sleep(dice.uniform(0.02, 0.5))
            site.stop(signal.SIGKILL)
            for poster in posters:
                poster.join()
            all_posters += posters
            rows = held(site)
            there = set(rows)
            self.assertEqual(len(rows), len(there), seed)
            for poster in posters:
                self.assertEqual({status for status, _ in poster.answers} - {200}, set(), seed)
                answered |= {band for _, bands in poster.answers for band in bands}
            self.assertEqual(answered - there, set(), seed)
            for poster in all_posters:
                self.assertIn(len(there & set(poster.unanswered)), (0, poster.count), (seed, poster.name))
            site.run("verify")
            site.start()
            self.assertEqual(site.ask("GET", "/v1/now?counts=true", token="viewer")[0], 200)
        self.assertGreater(len(answered), 500)
        self.assertEqual(site.stop(), 0)
        site.run("verify")

    def test_a_stop_answers_what_is_committed_and_refuses_the_rest(self):
        for how in (signal.SIGTERM, signal.SIGINT):
            site = Site().start().admit()
            posters = Poster.crowd(site, "S")
            time.sleep(0.5)
            self.assertEqual(site.stop(how), 0)
            for poster in posters:
                poster.join()
            there = set(held(site))
            answers = [answer for poster in posters for answer in poster.answers]
            self.assertGreater(len(answers), 50)
            self.assertEqual({status for status, _ in answers} - {200, 503}, set())
            for status, bands in answers:
                self.assertEqual(len(there & set(bands)), len(bands) if status == 200 else 0, (status, bands[0]))
            site.run("verify")


class Notified(unittest.TestCase):
    """What systemd is told, over a socket as it gives one: a file's, and an abstract one."""

    def check(self, name):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
            told.bind(name.replace("@", "\0") if name.startswith("@") else name)
            told.settimeout(10)
            site = Site()
            site.start(NOTIFY_SOCKET=name, WATCHDOG_USEC="400000")
            self.assertEqual(told.recv(100), b"READY=1")
            self.assertEqual(site.ask("GET", "/healthz")[0], 200)
            began = time.monotonic()
            for _ in range(5):
                self.assertEqual(told.recv(100), b"WATCHDOG=1")
            self.assertGreater(time.monotonic() - began, 0.7)
            self.assertLess(time.monotonic() - began, 4.0)
            self.assertEqual(site.stop(), 0)
            while (word := told.recv(100)) == b"WATCHDOG=1":
                pass
            self.assertEqual(word, b"STOPPING=1")
            told.settimeout(0.1)
            self.assertRaises(TimeoutError, told.recv, 100)

    def test_over_a_file(self):
        with tempfile.TemporaryDirectory() as folder:
            self.check(folder + "/notify")

    def test_over_an_abstract_name(self):
        self.check(f"@whereabouts-e2e-{time.time_ns()}")

    def test_it_listens_before_it_says_so(self):
        """READY=1 comes when a connection is taken; and no watchdog where it is another process's."""
        with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
            told.bind(folder + "/notify")
            told.settimeout(10)
            with socket.socket() as taken:
                taken.bind(("127.0.0.1", 0))
                taken.listen()
                done = subprocess.run([PROGRAM, "--data", Site().data, "serve", "--listen", "127.0.0.1:%d" % taken.getsockname()[1]],
                                      env={**os.environ, "NOTIFY_SOCKET": folder + "/notify"}, capture_output=True, check=False)
                self.assertEqual(done.returncode, 1)
            site = Site().start(NOTIFY_SOCKET=folder + "/notify", WATCHDOG_USEC="100000", WATCHDOG_PID="1")
            self.assertEqual(told.recv(100), b"READY=1")
            time.sleep(0.3)
            self.assertEqual(site.stop(), 0)
            self.assertEqual(told.recv(100), b"STOPPING=1")


if __name__ == "__main__":
    unittest.main(verbosity=1)
