"""Long questions and exports beside the readers' scans. Run by reading_test.sh."""
import http.client
import json
import os
import shutil
import threading
import time
import unittest

from server import Site, now

PEOPLE, DAYS = 400, 90
WHEN = "2025-04-04T13:00:00Z"
LONG = f"/v1/at?time={WHEN}&known={WHEN}&counts=true"


class School(Site):
    """A school of some hundred thousand scans, so that folding everybody takes a while."""

    def __init__(self):
        super().__init__()
        os.remove(self.data)
        school = self.path("school")
        self.run("simulate", "--people", str(PEOPLE), "--days", str(DAYS), "--seed", "3", "--out", school)
        self.run("init", "--site", school + "/site.json")
        self.run("import", "people", school + "/people.csv")
        self.run("import", "bands", "--trust-learnt", school + "/bands.csv")
        self.run("import", "scans", "--trust-learnt", "--complete", school + "/scans.csv")
        shutil.rmtree(school)


def post(site, connection, n):
    body = {"scans": [{"reader": "gate-in", "band": f"T{n}", "time": now()}]}
    return site.ask("POST", "/v1/scans", body, token="admin", connection=connection)[0]


class Reading(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.site = School().start().admit()
        cls.numbers = iter(range(10**9))

    @classmethod
    def tearDownClass(cls):
        assert cls.site.stop() == 0

    def ask(self, path, token="admin", headers=None):
        return self.site.ask("GET", path, token=token, headers=headers)

    def begin(self, path, headers=None):
        """A connection on which the question was sent and nothing is read yet."""
        connection = self.site.connect()
        sent = {"Authorization": "Bearer " + self.site.tokens["admin"], **(headers or {})}
        connection.request("GET", path, headers=sent)
        return connection

    # Long questions.

    def test_what_was_known_is_answered_as_by_the_command_line(self):
        for path, words in (
                (LONG, ("at", WHEN, "--counts", "--known", WHEN)),
                (f"/v1/at?time={WHEN}&known={WHEN}&zone=refectory",
                 ("at", WHEN, "--zone", "refectory", "--known", WHEN)),
                (f"/v1/people/p0003/with?from=2025-04-04T00:00:00Z&known={WHEN}",
                 ("with", "p0003", "--from", "2025-04-04T00:00:00Z", "--known", WHEN)),
                (f"/v1/zones/refectory/occupancy?from=2025-04-04T06:00:00Z&until={WHEN}&every=1h&known={WHEN}",
                 ("occupancy", "refectory", "--from", "2025-04-04T06:00:00Z", "--until", WHEN, "--every", "1h",
                  "--known", WHEN))):
            status, _, body = self.ask(path)
            self.assertEqual(status, 200, path)
            self.assertEqual(body, json.loads(self.site.run(*words, "--json")), path)

    def test_whoever_a_long_answer_names_finds_it_in_the_log(self):
        question = f"/v1/at?time={WHEN}&known={WHEN}"
        people = self.ask(question)[2]["people"]
        self.assertGreater(len(people), 50)
        for row in (people[0], people[-1]):
            log = self.ask(f"/v1/people/{row['person']}/lookups")[2]["lookups"]
            mine = [look for look in log if look["question"] == question]
            self.assertEqual(mine[0]["people"], len(people))

    def test_a_limit_holds_on_a_long_question_too(self):
        """The yard is no zone of this site: who is limited to it reaches nobody."""
        for path in (LONG + "&zone=refectory", f"/v1/people/p0003/with?known={WHEN}"):
            self.assertEqual(self.ask(path, token="yard")[0], 403, path)
        status, _, body = self.ask(f"/v1/at?time={WHEN}&known={WHEN}", token="yard")
        self.assertEqual((status, body["people"]), (200, []))
        self.assertEqual(self.ask(LONG, token="reader")[0], 403)

    def test_a_scan_made_before_a_long_question_is_in_its_answer(self):
        connection = self.site.connect()
        for n in range(1, 6):
            body = {"scans": [{"reader": "gate-in", "band": f"person:p{n:04}", "time": now(-1)}]}
            answer = self.site.ask("POST", "/v1/scans", body, token="admin", connection=connection)[2]
            self.assertEqual(answer["accepted"], 1)
            moment = now(1)
            people = self.ask(f"/v1/at?time={moment}&known={moment}")[2]["people"]
            self.assertIn(f"p{n:04}", [row["person"] for row in people])
        connection.close()

    def test_a_scan_is_answered_while_a_long_question_is_asked(self):
        """Each scan is sent when a question is under way already, and answered before it."""
        connection = self.site.connect()
        post(self.site, connection, next(self.numbers))
        before, slowest, longest, rounds = 0, 0.0, 0.0, 20
        for _ in range(rounds):
            began = time.monotonic()
            question = self.begin(LONG)
            time.sleep(0.002)
            sent = time.monotonic()
            self.assertEqual(post(self.site, connection, next(self.numbers)), 200)
            answered = time.monotonic()
            self.assertEqual(question.getresponse().read()[:1], b"{")
            ended = time.monotonic()
            question.close()
            slowest, longest = max(slowest, answered - sent), max(longest, ended - began)
            before += (ended - answered) > (answered - sent)
        connection.close()
        print(f"long questions took up to {longest * 1e3:.0f} ms, a scan's answer up to {slowest * 1e3:.1f} ms")
        # On a busy machine a scan may wait for the processor; if questions held the loop, it would
        # always wait for the question.
        self.assertGreaterEqual(before, rounds * 3 // 4)

    def test_more_long_questions_than_may_wait_are_told_to_come_again(self):
        asked = [self.begin(LONG) for _ in range(40)]
        answers = [connection.getresponse() for connection in asked]
        for answer in answers:
            body = json.loads(answer.read())
            self.assertIn(answer.status, (200, 503))
            if answer.status == 503:
                self.assertEqual(body["type"], "urn:whereabouts:problem:busy")
                self.assertGreaterEqual(int(answer.headers["Retry-After"]), 1)
        statuses = [answer.status for answer in answers]
        self.assertGreaterEqual(statuses.count(200), 16)
        self.assertGreater(statuses.count(503), 0)
        for connection in asked:
            connection.close()
        self.assertEqual(self.ask(LONG)[0], 200)

    def test_who_went_away_is_not_waited_for(self):
        began = time.monotonic()
        self.assertEqual(self.ask(LONG)[0], 200)
        alone = time.monotonic() - began
        gone = [self.begin(LONG) for _ in range(12)]
        time.sleep(0.02)
        for connection in gone:
            connection.close()
        began = time.monotonic()
        self.assertEqual(self.ask(LONG)[0], 200)
        self.assertLess(time.monotonic() - began, 8 * alone + 1)

    # Exports.

    def test_an_export_is_that_of_the_command_line(self):
        for accept, words in (("text/csv", ()), ("application/x-ndjson", ("--json",)), ("*/*", ())):
            connection = self.begin("/v1/scans", {"Accept": accept})
            answer = connection.getresponse()
            self.assertEqual(answer.status, 200)
            self.assertEqual(answer.headers["Transfer-Encoding"], "chunked")
            self.assertIn("attachment", answer.headers["Content-Disposition"])
            self.assertEqual(answer.read().decode(), self.site.run("export", "scans", *words))
            connection.close()
        part = self.ask("/v1/scans?from=2025-04-04T00:00:00Z&until=2025-04-05T00:00:00Z")[2].decode()
        self.assertEqual(part, self.site.run("export", "scans", "--from", "2025-04-04T00:00:00Z",
                                             "--until", "2025-04-05T00:00:00Z"))
        self.assertTrue(all(line.startswith("2025-04-04T") for line in part.splitlines()[1:]))

    def test_an_export_is_for_admins_and_refused_plainly(self):
        for token in ("viewer", "yard", "reader"):
            self.assertEqual(self.ask("/v1/scans", token=token)[0], 403, token)
        self.assertEqual(self.site.ask("GET", "/v1/scans")[0], 401)
        self.assertEqual(self.ask("/v1/scans?from=nonsense")[0], 400)
        self.assertEqual(self.ask("/v1/scans?from=2025-04-04T00:00:00Z&until=2025-04-04T00:00:00Z")[0], 400)
        self.assertEqual(self.ask("/v1/scans", headers={"Accept": "application/json"})[0], 406)

    def test_everybody_sees_that_an_export_named_them(self):
        self.assertEqual(self.ask("/v1/scans?until=2025-01-01T00:00:00Z")[0], 200)
        for person in ("p0001", f"p{PEOPLE - 1:04}"):
            log = self.ask(f"/v1/people/{person}/lookups")[2]["lookups"]
            mine = [look for look in log if look["question"] == "/v1/scans?until=2025-01-01T00:00:00Z"]
            self.assertEqual([(look["kind"], look["people"], look["until"]) for look in mine],
                             [("export", None, "2025-01-01T00:00:00Z")])

    def test_exports_that_are_not_read_keep_others_out_until_they_go(self):
        slow = [self.begin("/v1/scans") for _ in range(2)]
        for connection in slow:
            self.assertEqual(connection.getresponse().status, 200)
        status, headers, _ = self.ask("/v1/scans")
        self.assertEqual((status, headers["Retry-After"]), (503, "1"))
        self.assertEqual(self.ask(LONG)[0], 200)
        self.assertEqual(post(self.site, self.site.connect(), next(self.numbers)), 200)
        for connection in slow:
            connection.close()
        del slow
        for _ in range(100):
            if self.ask("/v1/scans?until=2000-01-01T00:00:00Z")[0] == 200:
                break
            time.sleep(0.1)
        else:
            self.fail("exports that were broken off are still under way")

    def test_a_slow_reader_of_an_export_gets_all_of_it(self):
        connection = self.begin("/v1/scans")
        answer = connection.getresponse()
        taken = b""
        for _ in range(20):
            taken += answer.read(50000)
            time.sleep(0.02)
        taken += answer.read()
        connection.close()
        lines = taken.decode().splitlines()
        self.assertEqual(len(lines), len(set(lines)))
        self.assertGreater(len(lines), PEOPLE * DAYS)


class Stopping(unittest.TestCase):
    def test_a_stop_ends_exports_and_refuses_what_waits(self):
        site = School().start().admit()
        sent = {"Authorization": "Bearer " + site.tokens["admin"]}
        export = site.connect()
        export.request("GET", "/v1/scans", headers=sent)
        begun = export.getresponse()
        self.assertEqual(begun.status, 200)
        statuses = []

        def ask_long():
            try:
                statuses.append(site.ask("GET", LONG, token="admin")[0])
            except (OSError, http.client.HTTPException):
                statuses.append(0)

        asking = [threading.Thread(target=ask_long) for _ in range(10)]
        for thread in asking:
            thread.start()
        time.sleep(0.1)
        began = time.monotonic()
        self.assertEqual(site.stop(), 0)
        print(f"stopped within {time.monotonic() - began:.2f} s")
        for thread in asking:
            thread.join()
        self.assertEqual(set(statuses) - {200, 503}, set())
        self.assertIn(503, statuses)
        # Nobody takes a part of an export for the whole.
        with self.assertRaises((OSError, http.client.HTTPException)):
            begun.read()
        site.run("verify")


if __name__ == "__main__":
    unittest.main(verbosity=1)
