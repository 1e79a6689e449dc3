"""Every operation of the server's OpenAPI document, asked at random, in right ways and in wrong ones.

The document is read from a server over a simulated site. Each answer must be one that the document
gives for its operation: status, media type, headers, shape, the problem's type. What the document
forbids must be refused, and every operation must have been answered with a success.

WB_CONTRACT_SEED=n    the same requests again (but for what depends on the present moment)
WB_CONTRACT_SECONDS   how long random requests are sent; 15 unless told
"""
import csv
import glob
import http.client
import json
import os
import random
import re
import subprocess
import sys
import threading
import time
import unittest
from urllib.parse import quote, quote_plus

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "e2e"))
# pylint: disable=wrong-import-position
import server
from contract import Disagreement, Document, essence, json_of, words_in_source
from invent import HUGE, ODD, Inventor, moment

SEED = int(os.environ.get("WB_CONTRACT_SEED", "1"))
SECONDS = float(os.environ.get("WB_CONTRACT_SECONDS", "15"))
PASSWORD = "a long enough password"
TRIES = 60
UNTIL = "2024-05-08"


class Simulated(server.Site):
    """A simulated school, with everything imported but its last hundred scans."""

    def __init__(self):
        super().__init__()
        os.remove(self.data)
        self.run("simulate", "--people", "24", "--days", "2", "--seed", "5", "--until", UNTIL, "--out", self.path("school"))
        self.run("init", "--site", self.path("school/site.json"))
        self.run("import", "people", self.path("school/people.csv"))
        self.run("import", "bands", "--trust-learnt", self.path("school/bands.csv"))
        self.run("import", "scans", "--trust-learnt", self.path("school/scans.csv"))
        with open(self.path("school/site.json"), encoding="utf-8") as file:
            self.description = json.load(file)

    def column(self, file, name):
        with open(self.path(f"school/{file}"), encoding="utf-8") as rows:
            return sorted({row[name] for row in csv.DictReader(rows)})


class Server:
    """The server, its callers, and what there is to ask about."""

    def __init__(self):
        self.site = Simulated().start("--request-seconds", "3")
        self.connection = None
        self.callers = {"anonymous": ("anonymous", {})}
        site = self.site.description
        self.zones = [zone["id"] for zone in site["zones"]]
        self.readers = [reader["id"] for reader in site["readers"]]
        groups = {group for cell in self.site.column("people.csv", "groups") for group in cell.split(";") if group}
        self.pools = {"PersonId": self.site.column("people.csv", "id"), "ZoneId": list(self.zones), "ReaderId": list(self.readers),
                      "BandId": self.site.column("bands.csv", "band"), "GroupName": sorted(groups), "TokenId": [], "made": []}
        self.admit()

    def admit(self):
        first = {"code": self.site.code, "name": "ada", "password": PASSWORD}
        assert self.json("POST", "/v1/operators/first", first)[0] == 201
        self.sign_in("admin by cookie", "ada")
        for i in range(3):
            self.sign_in(f"for once {i}", "ada")
        admin = self.callers["admin by cookie"][1]
        viewer = {"name": "vic", "password": PASSWORD, "role": "viewer", "zones": self.zones[:1]}
        assert self.json("POST", "/v1/operators", viewer, admin)[0] == 201
        self.sign_in("viewer by cookie", "vic")
        for name, limits in (
                ("admin", {"role": "admin"}), ("reader", {"role": "reader"}),
                ("one reader", {"role": "reader", "readers": self.readers[:1]}), ("viewer", {"role": "viewer"}),
                ("viewer of zones", {"role": "viewer", "zones": self.zones[:2]}),
                ("viewer of groups", {"role": "viewer", "groups": self.pools["GroupName"][:1]}),
                ("warden", {"role": "warden"}),
                ("warden of both", {"role": "warden", "zones": self.zones[:3], "groups": self.pools["GroupName"][:2]})):
            status, made = self.json("POST", "/v1/tokens", limits, admin)
            assert status == 201, made
            self.callers[name] = (limits["role"], {"Authorization": "Bearer " + made["token"]})
        self.site.tokens["admin"] = "is made"  # at the next start there is no link
        self.callers["a bad token"] = ("anonymous", {"Authorization": "Bearer wb_0000"})

    def sign_in(self, name, operator):
        status, headers, body = self.ask("POST", "/v1/session", {"Content-Type": "application/json"},
                                         json.dumps({"operator": operator, "password": PASSWORD, "purpose": ""}).encode())
        assert status == 200, body
        cookie = headers["Set-Cookie"].split(";")[0]
        assert cookie.startswith("whereabouts_session="), cookie
        self.callers[name] = (json.loads(body)["role"], {"Cookie": cookie, "Sec-Fetch-Site": "same-origin"})

    def ask(self, method, path, headers, body=None):
        """status, headers, body. An answer may close the connection before all of the body was read."""
        for again in (True, False):
            if self.connection is None:
                self.connection = http.client.HTTPConnection(self.site.host, self.site.port, timeout=20)
            try:
                self.connection.request(method, path, body, headers)
                answer = self.connection.getresponse()
                return answer.status, answer.headers, answer.read()
            except (ConnectionError, http.client.HTTPException):
                self.connection.close()
                self.connection = None
                assert self.site.process.poll() is None, "the server has ended: " + self.log()
                if not again:
                    raise
        return None

    def json(self, method, path, body=None, headers=None):
        sent = dict(headers or {}, **({"Content-Type": "application/json"} if body is not None else {}))
        status, _, text = self.ask(method, path, sent, json.dumps(body).encode() if body is not None else None)
        return status, json.loads(text) if text else None

    def log(self):
        with open(self.site.path("log"), encoding="utf-8", errors="replace") as file:
            return file.read()[-3000:]


class Request:
    """One request: what is sent, and what it must be answered with, as far as that is known."""

    def __init__(self, operation, caller):
        self.operation, self.caller, self.method = operation, caller, operation.method
        self.parts, self.query, self.headers = {}, [], {}
        self.media_type = self.body = self.value = None
        self.must = None  # a range of statuses

    def target(self):
        path = self.operation.path
        for name, value in self.parts.items():
            path = path.replace("{" + name + "}", quote(value, safe="", errors="surrogateescape"))
        query = "&".join(f"{quote_plus(name)}={quote(value, safe='')}" for name, value in self.query)
        return path + ("?" + query if query else "")

    def __repr__(self):
        body = "" if self.body is None else f"\n      {self.media_type}: {self.body[:600]!r}"
        return f"{self.method} {self.target()[:600]} as {self.caller}{body}"


class Contract:
    """Asks, and keeps what the server and the document disagree about."""

    def __init__(self, ran, seed):
        self.server = ran
        self.random = random.Random(seed)
        self.document = Document(ran.ask("GET", "/v1/openapi.json", {})[2])
        span = [int(time.mktime(time.strptime(day, "%Y-%m-%d")) * 1e6) for day in ("2024-05-06", "2024-05-09")]
        self.inventor = Inventor(self.random, self.document, ran.pools, span)
        self.done = {operation.name: set() for operation in self.document.operations}
        self.asked = 0
        self.found = {}

    # ---- Making requests ----

    def right(self, name, caller):
        """A request that keeps to the document."""
        operation = self.document.operation(name)
        request = Request(operation, caller)
        for parameter in operation.parameters:
            if parameter["in"] == "path":
                request.parts[parameter["name"]] = self.part(operation, parameter)
            elif parameter.get("required") or self.inventor.chance(0.3):
                value = self.inventor.value(parameter["schema"])
                text = json.dumps(value) if not isinstance(value, str) else value
                if parameter["in"] == "query":
                    request.query.append((parameter["name"], text))
        if name == "scans_get":
            request.headers["Accept"] = self.random.choice(["*/*", "text/csv", "application/x-ndjson", "text/plain"])
        if name == "occupancy_get":
            self.bound_curve(request)
        if operation.bodies:
            request.media_type = self.random.choice(sorted(operation.bodies))
            request.value, request.body = self.body(operation, request.media_type)
        return request

    def bound_curve(self, request):
        """Of days and minutes: a curve of two million points takes its time to be looked at."""
        first, last = self.inventor.span_us
        begin = self.random.randint(first, last - 1)
        bounds = {"from": moment(begin), "until": moment(self.random.randint(begin + 1, last)),
                  "every": f"{self.random.randint(1, 90)}m"}
        request.query = [(name, bounds.get(name, value)) for name, value in request.query]

    def part(self, operation, parameter):
        """What is removed is only what was made for that."""
        pool = {"operator_delete": self.server.pools.setdefault("operators", []), "token_delete": self.server.pools["TokenId"]}
        if operation.name == "person_delete":
            put = self.server.json("PUT", "/v1/people/leaver", {"name": "Leaver"}, self.server.callers["admin"][1])
            assert put[0] in (200, 201), put
            return "leaver"
        if operation.name in pool:
            return self.random.choice(pool[operation.name] or ["op-none"])
        return self.inventor.value(parameter["schema"])

    def body(self, operation, media_type):
        if operation.name == "site_put":
            site = json.loads(json.dumps(self.server.site.description))
            site["name"] = self.inventor.word()
            site["zones"][0]["capacity"] = self.random.randint(1, 500)
            return site, json.dumps(site).encode()
        return self.inventor.body(media_type, operation.body_schema(media_type))

    def wrong(self, name, caller):
        """A request that is wrong in one place, or perhaps is not: then it must be answered all the same."""
        request = self.right(name, caller)
        ways = [self.wrong_parameter, self.wrong_parameter, self.wrong_method, self.wrong_part]
        if request.body is not None:
            ways += [self.wrong_value, self.wrong_value, self.wrong_value, self.wrong_text, self.wrong_media_type]
        self.random.choice(ways)(request)
        return request

    def wrong_parameter(self, request):
        known = [parameter for parameter in request.operation.parameters if parameter["in"] == "query"]
        how = self.random.randrange(4)
        if how == 0 and request.operation.name != "health_get":
            request.query.append((self.random.choice(["x", "Zone", "é", "limits"]), "1"))
            request.must = range(400, 500)
        elif how == 1 and request.query:
            request.query.append(self.random.choice(request.query))
            request.must = range(400, 500)
        elif how == 2 and any(parameter.get("required") for parameter in known):
            needed = self.random.choice([parameter["name"] for parameter in known if parameter.get("required")])
            request.query = [pair for pair in request.query if pair[0] != needed]
            request.must = range(400, 500)
        elif known:
            parameter = self.random.choice(known)
            value = self.random.choice(ODD + [str(number) for number in HUGE] + ["", "-0", "1e3", "TRUE", "2024-13-01T00:00:00Z"])
            request.query = [pair for pair in request.query if pair[0] != parameter["name"]] + [(parameter["name"], value)]
            if not any(self.document.allows(parameter["schema"], read) for read in readings(value)):
                request.must = range(400, 500)

    def wrong_method(self, request):
        methods = {operation.method for operation in self.document.operations if fits(operation.path, request.target())}
        request.method = self.random.choice(sorted({"GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"} - methods))
        request.must = range(405, 406)

    def wrong_part(self, request):
        for name in request.parts:
            request.parts[name] = self.random.choice([part for part in ODD if part]) + self.random.choice(["", "\udcff", "x"])

    def wrong_value(self, request):
        if request.value is None:
            self.wrong_text(request)
            return
        request.value = self.inventor.wrong_value(request.value)
        request.body = json.dumps(request.value).encode()
        schema = request.operation.body_schema("application/json")
        if request.media_type == "application/json" and not self.document.allows(schema, request.value):
            request.must = range(400, 500)

    def wrong_text(self, request):
        request.body = self.inventor.wrong_text(request.body)
        request.value = None
        if request.media_type == "application/json":
            try:
                json_of(request.body)
            except (ValueError, RecursionError):
                request.must = range(400, 500)

    def wrong_media_type(self, request):
        given = self.random.choice(["text/plain", "application/xml", "application/x-www-form-urlencoded", "image/png",
                                    "application/jsonx", "multipart/form-data; boundary=x"])
        request.media_type = given
        request.must = range(400, 500)

    # ---- Asking ----

    def ask(self, request):
        role, headers = self.server.callers[request.caller]
        sent = dict(headers, **request.headers)
        if request.media_type:
            sent["Content-Type"] = request.media_type + self.random.choice(["", "; charset=utf-8"])
        self.asked += 1
        status, answered, body = self.server.ask(request.method, request.target(), sent, request.body)
        try:
            self.judge(request, role, status, answered, body)
        except Disagreement as fault:
            key = re.sub(r"['\"0-9].*", "", str(fault))[:120]
            self.found.setdefault((request.operation.name, key), f"{fault}\n      {request!r}")
        return status

    def judge(self, request, role, status, headers, body):
        operation = request.operation
        if request.method not in (operation.method, "HEAD"):
            self.judge_method(request, status, headers, body)
            return
        if status >= 500:
            raise Disagreement(f"{operation} is answered with {status}: {body[:300]!r}")
        answer = operation.check(status, headers, body)
        if status < 300:
            if role not in operation.roles and not operation.stands_open:
                raise Disagreement(f"{operation} is not for {role}, and was done")
            self.done[operation.name].add(request.caller)
            self.learn(operation.name, answer, request)
        problem = answer["type"].split(":")[-1] if isinstance(answer, dict) and status >= 400 else ""
        self.judge_must(request, status, answer, problem)

    def judge_must(self, request, status, answer, problem):
        operation = request.operation
        if request.must is not None:
            # Scans are judged one by one: those that cannot be taken are counted.
            counted = operation.name == "scans_post" and status == 200 and answer["refused"] > 0
            if status not in request.must and not counted:
                raise Disagreement(f"{operation} takes what the document forbids: {status}")
        elif request.value is not None and problem in ("bad-json", "bad-media-type", "bad-csv"):
            schema = operation.body_schema(request.media_type)
            if self.document.allows(schema, request.value):
                raise Disagreement(f"{operation} does not take what the document allows: {problem} {answer['detail']}")

    def judge_method(self, request, status, headers, body):
        where = f"{request.method} {request.operation.path}"
        if status != 405:
            raise Disagreement(f"{where} is answered with {status}, and not with 405")
        self.problem(status, headers, body, where)
        there = {operation.method for operation in self.document.operations if operation.path == request.operation.path}
        allowed = set((headers["Allow"] or "").split(", "))
        if not there <= allowed or request.method in allowed:
            raise Disagreement(f"{where}: Allow is {headers['Allow']!r}, there are {sorted(there)}")

    def problem(self, status, headers, body, where):
        """An answer of no operation."""
        if essence(headers.get("Content-Type")) != "application/problem+json":
            raise Disagreement(f"{where}: {status} is {headers.get('Content-Type')!r}")
        problem = json_of(body)
        self.document.check({"$ref": "#/components/schemas/Problem"}, problem, where)
        if problem["status"] != status:
            raise Disagreement(f"{where}: {status} says that it is {problem['status']}")
        return problem

    def learn(self, name, answer, request):
        """What was made may be asked about, and removed."""
        pools = self.server.pools
        if name == "tokens_post":
            pools["TokenId"].append(answer["id"])
        elif name == "operators_post":
            pools.setdefault("operators", []).append(answer["name"])
        elif name == "person_put" and answer["id"] not in pools["PersonId"]:
            pools["PersonId"].append(answer["id"])
        elif name == "site_put":
            self.put_back("/v1/site", self.server.site.description)
        elif name == "purposes_put":
            self.put_back("/v1/purposes", {"purposes": []})
        elif name == "session_delete":
            del self.server.callers[request.caller]

    def put_back(self, path, body):
        status, answer = self.server.json("PUT", path, body, self.server.callers["admin"][1])
        if status != 200:
            raise Disagreement(f"PUT {path} cannot be put back: {status} {answer}")

    # ---- The run ----

    def callers_of(self, operation):
        """Who may, first who may all of it."""
        names = ["admin", "admin by cookie"] + sorted(set(self.server.callers) - {"admin", "admin by cookie"})
        if operation.name in ("session_delete", "session_get", "session_put"):
            names = [name for name in names if name.startswith("for once")] + ["admin"]
        if operation.stands_open:
            names.insert(0, "anonymous")
        return [name for name in names if self.server.callers[name][0] in operation.roles or operation.stands_open]

    def cover(self):
        """Each operation is asked in right ways until it was done."""
        later = ["plan_get", "operator_delete", "token_delete", "person_delete"]
        for operation in sorted(self.document.operations, key=lambda operation: operation.name in later):
            if operation.name in ("stream_get", "first_operator_post"):
                continue  # a test of its own; done by admit
            for number in range(TRIES):
                callers = self.callers_of(operation)
                request = self.right(operation.name, callers[number // 20 % len(callers)])
                if operation.name == "session_post":
                    sign_in = {"operator": "ada", "password": PASSWORD, "purpose": None}
                    request.value, request.body = sign_in, json.dumps(sign_in).encode()
                self.ask(request)
                if self.done[operation.name]:
                    break

    def wander(self, seconds):
        """Random requests, right and wrong, of everybody. Passwords are slow to hash: seldom those."""
        slow = ("session_post", "operators_post", "first_operator_post", "session_delete", "stream_get")
        names = [operation.name for operation in self.document.operations if operation.name not in slow]
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            name = self.random.choice(names)
            if self.random.random() < 0.01:
                name = self.random.choice(slow[:3])
            callers = [caller for caller in self.server.callers if not caller.startswith("for once")]
            # Half of all by who may do it.
            caller = self.random.choice(callers) if self.inventor.chance(0.5) else "admin"
            request = self.right(name, caller) if self.inventor.chance(0.5) else self.wrong(name, caller)
            self.ask(request)


def readings(text):
    """What the text of a parameter may be read as."""
    yield text
    try:
        yield json_of(text)
    except ValueError:
        pass


def fits(pattern, target):
    path = target.split("?")[0]
    return re.fullmatch(re.sub(r"\{[a-z]+\}", "[^/]+", pattern), path) is not None


class Everything(unittest.TestCase):
    """One server for all; the order of the tests is that of their names."""

    @classmethod
    def setUpClass(cls):
        cls.server = Server()
        cls.contract = Contract(cls.server, SEED)
        print(f"seed {SEED}: WB_CONTRACT_SEED={SEED} asks the same again", file=sys.stderr)

    @classmethod
    def tearDownClass(cls):
        assert cls.server.site.stop() == 0

    def no_disagreement(self):
        found = list(self.contract.found.values())
        self.contract.found.clear()
        if found:
            self.fail(f"{len(found)} disagreements (seed {SEED}):\n\n" + "\n\n".join(found))

    def test_0_an_answer_that_is_otherwise_is_caught(self):
        """Each kind of planted fault, and that a whole run finds one."""
        operation = self.contract.document.operation("at_get")
        at = "/v1/at?time=2024-05-07T12:00:00Z"
        status, headers, body = self.server.ask("GET", at, self.server.callers["admin"][1])
        operation.check(status, headers, body)
        answer = json.loads(body)
        html = dict(headers, **{"Content-Type": "text/html"})
        for planted in ((418, headers, body), (201, headers, body), (200, html, body), (200, {}, body),
                        (200, headers, body[:-1]), (200, headers, b'{"count":1,' + body[1:]), (200, headers, body + b"\xff")):
            with self.assertRaises(Disagreement, msg=planted[0]):
                operation.check(*planted)
        for change in ({"more": 1}, {"count": "1"}, {"count": -1}, {"as_of": "2024-05-07T12:00:00.10Z"}, {"known": "now"},
                       {"zone": ""}, {"people": [{"person": "x"}]}, {"people": [dict(answer["people"][0], name="Ann")]}):
            with self.assertRaises(Disagreement, msg=change):
                operation.check(200, headers, json.dumps(dict(answer, **change)).encode())
        for missing in answer:
            with self.assertRaises(Disagreement, msg=missing):
                operation.check(200, headers, json.dumps({key: answer[key] for key in answer if key != missing}).encode())
        status, headers, body = self.server.ask("GET", at, {})
        operation.check(status, headers, body)
        for planted in (body.replace(b":sign-in", b":sign-out"), body.replace(b"401", b"402")):
            with self.assertRaises(Disagreement, msg=planted):
                operation.check(401, headers, planted)
        with self.assertRaises(Disagreement):
            operation.check(401, {"Content-Type": "application/problem+json"}, body)
        stream = self.contract.document.operation("stream_get")
        for frame in ("event: news\ndata: {}\n\n", 'event: reset\ndata: {"x":1}\n\n', "data: {}\n\n", "event: reset\nevent: reset\n\n"):
            with self.assertRaises(Disagreement, msg=frame):
                self.contract.document.check_events(stream, frame)

    def test_0_a_server_that_answers_otherwise_is_caught(self):
        """The same run, of a server whose answers have a member more, and one that takes everything."""
        class Otherwise:
            def __init__(self, real, change):
                self.real, self.change = real, change

            def __getattr__(self, name):
                return getattr(self.real, name)

            def ask(self, *words):
                return self.change(*self.real.ask(*words))

        def one_more(status, headers, body):
            return status, headers, body.replace(b"{", b'{"more":1,', 1) if status == 200 else body

        def all_well(status, headers, body):
            return (status, headers, body) if status < 400 else (200, {"Content-Type": "application/json"}, b"{}")

        for change, least in ((one_more, 10), (all_well, 10)):
            contract = Contract(self.server, SEED)
            contract.server = Otherwise(self.server, change)
            contract.wander(1)
            self.assertGreaterEqual(len(contract.found), least, change)
        self.contract.put_back("/v1/site", self.server.site.description)
        self.contract.put_back("/v1/purposes", {"purposes": []})

    def test_1_the_document_is_whole(self):
        self.contract.document.check_itself()

    def test_2_each_operation_is_done(self):
        self.contract.cover()
        contract = self.contract
        contract.done["first_operator_post"].add("admit")
        contract.done["stream_get"].add("its own test")
        never = [name for name, done in contract.done.items() if not done]
        self.assertEqual(never, [], "were never answered with a success")
        self.no_disagreement()

    def test_3_random_requests_are_answered_as_the_document_says(self):
        self.contract.wander(SECONDS)
        print(f"{self.contract.asked} requests", file=sys.stderr)
        self.no_disagreement()

    def test_4_a_stream_says_what_the_document_says(self):
        contract, stream = self.contract, self.contract.document.operation("stream_get")
        names = []
        for last_id in (None, "0-1"):
            headers = dict(self.server.callers["warden"][1], **({"Last-Event-ID": last_id} if last_id else {}))
            connection = self.server.site.connect()
            connection.request("GET", "/v1/stream", headers=headers)
            answer = connection.getresponse()
            self.assertEqual((answer.status, essence(answer.headers["Content-Type"])), (200, "text/event-stream"))
            scans = [{"reader": self.server.readers[0], "band": band, "time": server.now(-1)}
                     for band in self.server.pools["BandId"][:8]]
            scans += [dict(scan, time="2024-05-07T09:00:00Z") for scan in scans]
            self.server.json("POST", "/v1/scans", {"scans": scans}, self.server.callers["admin"][1])
            stop = threading.Timer(6.5, lambda kept=connection: kept.sock.shutdown(2))
            stop.start()
            text = b""
            try:
                for piece in iter(lambda kept=answer: kept.read1(65536), b""):
                    text += piece
            except (http.client.HTTPException, OSError):
                pass
            stop.cancel()
            names += contract.document.check_events(stream, text.decode("utf-8"))
        self.assertEqual(set(names), set(contract.document.events()), names)

    def test_5_head_is_answered_as_get_without_a_body(self):
        for operation in self.contract.document.operations:
            if operation.method == "GET" and operation.name != "stream_get":
                request = self.contract.right(operation.name, "admin")
                request.method = "HEAD"
                status, headers, body = self.server.ask("HEAD", request.target(), self.server.callers["admin"][1])
                self.assertIn(status, operation.responses, operation)
                self.assertEqual(body, b"", operation)
                self.assertIsNotNone(headers["Content-Type"], operation)

    def test_6_limits_are_told_as_the_document_says(self):
        contract = self.contract
        big = self.contract.right("heartbeat_post", "admin")
        big.parts, big.media_type, big.body, big.value = {"reader": self.server.readers[0]}, "application/json", b" " * 70000, None
        self.assertEqual(contract.ask(big), 413)
        many = self.contract.right("now_get", "admin")
        many.query, many.headers = [], {"X-Filler": "y" * 17000}
        self.assertEqual(contract.ask(many), 431)
        other = self.contract.right("purposes_put", "admin by cookie")
        other.headers = {"Sec-Fetch-Site": "cross-site"}
        self.assertEqual(contract.ask(other), 403)
        contract.problem(*self.server.ask("GET", "/v1/nothing/here", {}), "a path that is not there")
        for _ in range(40):
            wrong = self.contract.right("session_post", "anonymous")
            wrong.value = {"operator": "nobody", "password": "x", "purpose": ""}
            wrong.media_type, wrong.body = "application/json", json.dumps(wrong.value).encode()
            if contract.ask(wrong) == 429:
                break
        else:
            self.fail("signing in wrongly is never too often")
        self.no_disagreement()

    def test_7_who_is_too_slow_is_told_as_the_document_says(self):
        back, closed = self.server.site.raw(b"GET /v1/now HTTP/1.1\r\nHost: x\r\n", wait=15.0)
        self.assertTrue(closed)
        head, _, body = back.partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines[1:])
        self.assertEqual(int(headers["Content-Length"]), len(body))
        operation = self.contract.document.operation("now_get")
        operation.check(int(lines[0].split()[1]), headers, body)

    def test_8_the_command_line_says_the_same_documents(self):
        """Of the site's file, with the server stopped."""
        contract, site = self.contract, self.server.site
        self.assertEqual(site.stop(), 0)
        person, zone = self.server.pools["PersonId"][0], self.server.zones[0]
        day = ("--from", "2024-05-07T00:00:00Z", "--until", "2024-05-08T00:00:00Z")
        for words, name in (
                (("now",), "now_get"), (("now", "--counts"), "now_get"), (("now", "--person", person), "now_get"),
                (("at", "2024-05-07T12:00:00Z", "--zone", zone), "at_get"),
                (("at", "2024-05-07T12:00:00Z", "--known", "2024-05-07T11:00:00Z", "--counts"), "at_get"),
                (("path", person), "path_get"), (("path", person, *day), "path_get"), (("with", person, *day), "with_get"),
                (("occupancy", zone, *day, "--every", "1h"), "occupancy_get"), (("lookups", person), "lookups_get"),
                (("list", "people"), "people_get"), (("list", "bands"), "bands_get"), (("list", "zones"), "zones_get"),
                (("list", "readers"), "readers_get"), (("list", "held"), "held_get"), (("list", "quarantined"), "quarantined_get"),
                (("list", "withdrawn"), "withdrawn_get"), (("list", "unseen"), "unseen_get"),
                (("operator", "list"), "operators_get"), (("token", "list"), "tokens_get")):
            content = contract.document.operation(name).responses[200]["content"]["application/json"]
            contract.document.check(content["schema"], json_of(site.run(*words, "--json")), " ".join(words))
        scans = site.path("school/scans.csv")
        imported = json_of(site.run("import", "scans", "--json", scans))
        contract.document.check({"$ref": "#/components/schemas/Import"}, imported, "import scans")
        site.start()

    def test_9_every_problem_of_the_source_is_listed(self):
        source = os.path.join(HERE, "..", "..", "src")
        listed = {}
        document = self.contract.document
        every = document.at("#/components/schemas/Problem")["properties"]["type"]["enum"]
        for response in document.whole["components"]["responses"].values():
            schema = response["content"].get("application/problem+json", {}).get("schema")
            if schema:
                listed[schema["properties"]["status"]["const"]] = schema["properties"]["type"]["enum"]
        words = set()
        for file in glob.glob(os.path.join(source, "*", "*.c")):
            with open(file, encoding="utf-8") as text:
                words |= set(words_in_source(text.read()))
        self.assertGreater(len(words), 20)
        for status, word in sorted(words, key=str):
            kind = "urn:whereabouts:problem:" + word
            self.assertIn(kind, every)
            if status not in (None, 405):
                self.assertIn(kind, listed[status], status)
        said = {"urn:whereabouts:problem:" + word for _, word in words}
        self.assertEqual(set(every) - said, set(), "are listed, and nobody says them")
        self.assertEqual(set(every) - {kind for kinds in listed.values() for kind in kinds},
                         {"urn:whereabouts:problem:method-not-allowed"})


if __name__ == "__main__":
    unittest.main(verbosity=1)
