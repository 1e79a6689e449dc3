"""A server on a site of its own, for the tests of the server; Python's standard library only."""
import atexit
import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time

PROGRAM = os.environ["WHEREABOUTS"]

SITE = {
    "id": "larch", "name": "Larch House", "timezone": "Europe/London",
    "policy": {"heartbeat": "60s"},
    "zones": [{"id": "house"}, {"id": "hall", "in": "house", "capacity": 120}, {"id": "yard"}],
    "readers": [{"id": "hall-door", "between": ["house", "hall"]}, {"id": "front-in", "enter": "house"},
                {"id": "front-out", "leave": "house"}, {"id": "yard-in", "enter": "yard"}],
}
PEOPLE = "id,name,groups\namelie,Amelie Dupont,staff;night\nbela,Béla Óvári,staff\ncleo,Cleo Marsh,guests\n"
BANDS = "band,person\nB-A,amelie\nB-B,bela\nB-C,cleo\n"


# What no log may tell, wherever it was used: people, bands, zones and readers.
IDS = {"amelie", "bela", "cleo", "Amelie", "Dupont", "Béla", "Óvári", "Marsh", "staff", "night", "guests", "B-A", "B-B", "B-C"}
IDS |= {thing["id"] for thing in SITE["zones"] + SITE["readers"]}


class Site:
    """A folder with a site's file and, while it runs, its server."""

    def __init__(self, **options):
        self.folder = tempfile.mkdtemp(prefix="whereabouts-e2e-")
        atexit.register(shutil.rmtree, self.folder, ignore_errors=True)
        self.data = os.path.join(self.folder, "site.db")
        self.options = options
        self.process = None
        atexit.register(self.end)
        self.tokens = {}
        for name, text in (("site.json", json.dumps(SITE)), ("people.csv", PEOPLE), ("bands.csv", BANDS)):
            with open(os.path.join(self.folder, name), "w", encoding="utf-8") as file:
                file.write(text)
        self.run("init", "--site", self.path("site.json"))
        self.run("import", "people", self.path("people.csv"))
        self.run("import", "bands", self.path("bands.csv"))

    def path(self, name):
        return os.path.join(self.folder, name)

    def run(self, *words, text=None):
        done = subprocess.run([PROGRAM, "--data", self.data, *words], input=text, capture_output=True,
                              encoding="utf-8", check=False)
        if done.returncode != 0:
            raise AssertionError(f"{words}: {done.returncode} {done.stderr}")
        return done.stdout

    def start(self, *words, listen="127.0.0.1:0", preload=None, **variables):
        environment = {**os.environ, **variables}
        if preload:
            environment["LD_PRELOAD"] = preload
        self.log = open(self.path("log"), "ab")
        self.process = subprocess.Popen([PROGRAM, "--data", self.data, "serve", "--listen", listen, *words],
                                        stdout=subprocess.PIPE, stderr=self.log, env=environment, encoding="utf-8")
        line = self.process.stdout.readline()
        found = re.search(r"listening on (https?)://(.*):(\d+)", line)
        if not found:
            raise AssertionError(f"no server: {line} {open(self.path('log')).read()}")
        self.scheme, self.host, self.port = found.group(1), found.group(2), int(found.group(3))
        if "admin" not in self.tokens:
            self.code = None
            if self.process.stdout.readline().startswith("there is no operator"):
                self.code = re.search(r"#(\S+)", self.process.stdout.readline()).group(1)
        return self

    def stop(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        self.process.stdout.close()
        status = self.process.wait(timeout=20)
        self.log.close()
        self.process = None
        self.look_through_log()
        return status

    def end(self):
        """Leave no server behind, also where a test failed."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def look_through_log(self):
        """Each line is a JSON object, and none has a person, band, zone, reader or secret in it."""
        with open(self.path("log"), encoding="utf-8") as file:
            log = file.read()
        for line in log.splitlines():
            event = json.loads(line)
            assert event["level"] in ("info", "warning", "error") and event["event"] and event["time"], line
        told = set(re.findall(r"[\w:-]+", log)) & IDS
        assert not told, told
        for secret in ("wb_", "password", "/v1/"):
            assert secret not in log, (secret, log)

    def admit(self):
        """Make the first operator and a token of each role, by the API."""
        status, _, body = self.ask("POST", "/v1/operators/first",
                                   {"code": self.code, "name": "ada", "password": "a long enough password"})
        assert status == 201, (status, body)
        status, headers, body = self.ask("POST", "/v1/session",
                                         {"operator": "ada", "password": "a long enough password", "purpose": "test"})
        assert status == 200, (status, body)
        self.cookie = headers["Set-Cookie"].split(";")[0]
        mine = {"Cookie": self.cookie, "Sec-Fetch-Site": "same-origin"}
        for name, limits in (("admin", {"role": "admin"}), ("reader", {"role": "reader", "readers": ["hall-door"]}),
                             ("viewer", {"role": "viewer", "purpose": "care"}),
                             ("staff", {"role": "viewer", "groups": ["staff"]}),
                             ("yard", {"role": "warden", "zones": ["yard"]})):
            status, _, body = self.ask("POST", "/v1/tokens", limits, headers=mine)
            assert status == 201, (name, status, body)
            self.tokens[name] = body["token"]
        return self

    def connect(self, timeout=20):
        return http.client.HTTPConnection(self.host, self.port, timeout=timeout)

    def ask(self, method, path, body=None, token=None, headers=None, connection=None, kind="application/json"):
        """status, headers, and the body as JSON where it is JSON."""
        own = connection is None
        connection = connection or self.connect()
        sent = dict(headers or {})
        if token:
            sent["Authorization"] = "Bearer " + self.tokens.get(token, token)
        if body is not None:
            sent["Content-Type"] = kind
            if not isinstance(body, (str, bytes)):
                body = json.dumps(body)
        connection.request(method, path, body.encode() if isinstance(body, str) else body, sent)
        answer = connection.getresponse()
        text = answer.read()
        if own:
            connection.close()
        if "json" in answer.headers.get("Content-Type", "") and text:
            return answer.status, answer.headers, json.loads(text)
        return answer.status, answer.headers, text

    def raw(self, text, wait=5.0, wrap=None):
        """Send bytes as they are; what comes back until the server closes, or nothing more comes."""
        with socket.create_connection((self.host, self.port), timeout=wait) as plain:
            line = wrap(plain) if wrap else plain
            back, closed = b"", True
            try:
                line.sendall(text)
            except OSError:
                pass  # it was closed before all was sent; what it said is still to be read
            try:
                for piece in iter(lambda: line.recv(65536), b""):
                    back += piece
            except (socket.timeout, TimeoutError):
                closed = False
            except OSError:
                pass
            line.close()
            return back, closed


def now(offset_s=0.0):
    moment = time.time() + offset_s
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(moment)) + f".{int(moment % 1 * 1e6):06d}Z"


def scan(band, reader="hall-door", offset_s=0.0):
    IDS.add(band)
    return {"reader": reader, "band": band, "time": now(offset_s)}
