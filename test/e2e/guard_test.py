"""What a request's head and body must be, said over raw sockets, in the clear and under TLS."""
import os
import re
import signal
import socket
import ssl
import subprocess
import time
import unittest

from server import Site, now, scan

GOOD = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"


def head(*lines, first="GET /healthz HTTP/1.1"):
    return "\r\n".join((first, *lines, "", "")).encode()


POST = "POST /v1/scans HTTP/1.1"
BAD = {
    "two Content-Lengths": head("Host: x", "Content-Length: 2", "Content-Length: 2", first=POST) + b"{}",
    "two different Content-Lengths": head("Host: x", "Content-Length: 2", "Content-Length: 5", first=POST) + b"{}",
    "a list of lengths": head("Host: x", "Content-Length: 2, 2", first=POST) + b"{}",
    "a signed length": head("Host: x", "Content-Length: +2", first=POST) + b"{}",
    "Content-Length with Transfer-Encoding": head("Host: x", "Content-Length: 2", "Transfer-Encoding: chunked", first=POST)
    + b"2\r\n{}\r\n0\r\n\r\n",
    "Transfer-Encoding with Content-Length": head("Host: x", "Transfer-Encoding: chunked", "Content-Length: 2", first=POST)
    + b"2\r\n{}\r\n0\r\n\r\n",
    "Transfer-Encoding twice": head("Host: x", "Transfer-Encoding: chunked", "Transfer-Encoding: chunked", first=POST)
    + b"0\r\n\r\n",
    "another Transfer-Encoding": head("Host: x", "Transfer-Encoding: gzip, chunked", first=POST) + b"0\r\n\r\n",
    "no Host": head("Accept: */*"),
    "no Host in HTTP/1.0": head("Accept: */*", first="GET /healthz HTTP/1.0"),
    "two Hosts": head("Host: x", "Host: x"),
    "a folded line": head("Host: x", "Accept: text/html,", " application/json"),
    "a folded line, with a tab": head("Host: x", "Accept: a", "\tb"),
    "a value that begins on the next line": head("Host: x", "Accept:", " text/html"),
    "a blank value that goes on": head("Host: x", "Accept: ", " "),
    "three lines folded": head("Host: x", "Accept: a", " b", " c"),
    "the last line folded": head("Accept: a", "Host: x", " y"),
    "a folded length": head("Host: x", "Content-Length: 1", " 2", first=POST) + b"{          }",
    "a folded encoding": head("Host: x", "Transfer-Encoding:", " chunked", first=POST) + b"0\r\n\r\n",
    "a blank before the colon": head("Host: x", "Content-Length : 2", first=POST) + b"{}",
    "a blank in a name": head("Host: x", "Content Length: 2", first=POST) + b"{}",
    "a NUL in a value": b"GET /healthz HTTP/1.1\r\nHost: x\r\nAccept: a\0b\r\n\r\n",
    "a NUL in the last value": b"GET /healthz HTTP/1.1\r\nAccept: a\r\nHost: x\0y\r\n\r\n",
    "a NUL at a value's end": b"GET /healthz HTTP/1.1\r\nAccept: a\0\r\nHost: x\r\n\r\n",
    "a line that ends with LF alone": b"GET /healthz HTTP/1.1\r\nAccept: a\nHost: x\r\n\r\n",
    "a CR inside a line": b"GET /healthz HTTP/1.1\r\nAccept: a\rb\r\nHost: x\r\n\r\n",
    "a control character": b"GET /healthz HTTP/1.1\r\nHost: x\r\nAccept: a\x01b\r\n\r\n",
}


class Guard(unittest.TestCase):
    """In the clear; Tls below is the same under TLS."""
    made = {}

    @classmethod
    def options(cls, site):
        return ()

    @classmethod
    def setUpClass(cls):
        cls.site = Site()
        cls.site.start(*cls.options(cls.site))

    @classmethod
    def tearDownClass(cls):
        assert cls.site.stop() == 0

    def wrap(self, plain):
        return plain

    def send(self, text, wait=5.0):
        return self.site.raw(text, wait=wait, wrap=self.wrap)

    def test_a_good_head_is_answered_and_the_connection_kept(self):
        back, closed = self.send(GOOD + GOOD, wait=0.7)
        self.assertEqual((back.count(b"HTTP/1.1 200 OK"), closed), (2, False), back)

    def test_bad_heads_are_answered_with_400_and_closed(self):
        for name, text in BAD.items():
            with self.subTest(name):
                back, closed = self.send(text + GOOD)
                self.assertTrue(back.startswith(b"HTTP/1.1 400 ") or back.startswith(b"HTTP/1.0 400 "), (name, back))
                self.assertTrue(closed, name)
                self.assertEqual(back.count(b" 200 OK"), 0, name)

    def test_a_bad_head_that_comes_byte_by_byte_is_found_too(self):
        with socket.create_connection((self.site.host, self.site.port), timeout=5) as plain:
            line = self.wrap(plain)
            for byte in BAD["a folded line"]:
                try:
                    line.sendall(bytes([byte]))
                except OSError:
                    break
            self.assertIn(b" 400 ", line.recv(65536))

    def test_good_heads_of_every_size_are_not_taken_for_folded(self):
        for size in (1, 100, 1000, 3000, 8000):
            back, _ = self.send(head("Host: x", "X-Filler: " + "y" * size, "Empty:", "Blank:   ", "Wide:  \t v", "Trailing: v  \t ", "Connection: close"))
            self.assertIn(b" 200 OK", back, size)

    def test_headers_that_are_too_large_are_answered_with_431(self):
        for text in (head("Host: x", "X-Filler: " + "y" * 17000), head("Host: x", *[f"X-{i}: y" for i in range(120)]),
                     head("Host: x", "X-Filler: " + "y" * 100000)):
            back, closed = self.send(text)
            self.assertTrue(re.match(rb"HTTP/1\.[01] (431|413|400) ", back), back[:100])
            self.assertTrue(closed)

    def test_a_body_that_is_too_large_is_answered_with_413(self):
        token = f"Authorization: Bearer {self.token()}"
        big = str(9 << 20)
        back, _ = self.send(head("Host: x", token, "Content-Length: " + big, first=POST))
        self.assertIn(b" 413 ", back)
        chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
        back, _ = self.send(head("Host: x", token, "Transfer-Encoding: chunked", first=POST) + chunk * 150 + b"0\r\n\r\n")
        self.assertIn(b" 413 ", back)

    def token(self):
        """A token of the role admin, made once a server."""
        if type(self).__name__ not in self.made:
            body = '{"code":"%s","name":"ada","password":"a long enough password"}' % self.site.code
            self.json("POST /v1/operators/first", body)
            back = self.json("POST /v1/session", '{"operator":"ada","password":"a long enough password"}')
            cookie = re.search(rb"Set-Cookie: ([^;]+)", back).group(1).decode()
            self.assertEqual(b"Secure" in back, isinstance(self, Tls))
            back = self.json("POST /v1/tokens", '{"role":"admin"}', "Cookie: " + cookie, "Sec-Fetch-Site: same-origin")
            self.made[type(self).__name__] = re.search(rb'"token":"([^"]+)"', back).group(1).decode()
        return self.made[type(self).__name__]

    def json(self, first, body, *lines):
        text = head("Host: x", "Content-Type: application/json", f"Content-Length: {len(body)}", "Connection: close",
                    *lines, first=first + " HTTP/1.1") + body.encode()
        return self.send(text)[0]

    def test_a_body_that_is_cut_off_changes_nothing(self):
        body = '{"scans":[{"reader":"hall-door","band":"CUT-OFF","time":"%s"}]}' % now()
        token = f"Authorization: Bearer {self.token()}"
        text = head("Host: x", token, "Content-Type: application/json", f"Content-Length: {len(body) + 1}", first=POST)
        with socket.create_connection((self.site.host, self.site.port), timeout=5) as plain:
            line = self.wrap(plain)
            line.sendall(text + body.encode())
        back = self.send(head("Host: x", token, "Connection: close", first="GET /v1/bands/CUT-OFF HTTP/1.1"))[0]
        self.assertIn(b" 404 ", back)


class Tls(Guard):
    @classmethod
    def options(cls, site):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                        "-keyout", site.path("key.pem"), "-out", site.path("cert.pem"), "-days", "2", "-subj", "/CN=localhost"],
                       check=True, capture_output=True)
        return "--tls-cert", site.path("cert.pem"), "--tls-key", site.path("key.pem")

    def wrap(self, plain):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context.wrap_socket(plain)


class Limits(unittest.TestCase):
    def test_who_comes_to_a_full_server_is_served_and_the_oldest_nobody_is_told_to_go(self):
        site = Site().start("--connections", "40", "--per-address", "30").admit()
        reader = site.connect()
        self.assertEqual(site.ask("POST", "/v1/scans", {"scans": [scan("B-A")]}, token="reader", connection=reader)[0], 200)
        crowd = []
        for _ in range(30):
            crowd.append(socket.create_connection(("127.0.0.1", site.port)))
        time.sleep(0.2)
        self.assertIn(b" 200 OK", site.raw(GOOD, wait=0.5)[0])
        crowd[0].settimeout(5)
        back = b"".join(iter(lambda: crowd[0].recv(65536), b""))
        self.assertTrue(back.startswith(b"HTTP/1.1 503 "), back)
        self.assertIn(b"Retry-After", back)
        self.assertEqual(len(back.split(b"\r\n\r\n")[1]), 139)
        # Who is somebody has not been cut off, although it was there before all of them.
        self.assertEqual(site.ask("POST", "/v1/scans", {"scans": [scan("B-A")]}, token="reader", connection=reader)[0], 200)
        reader.close()
        # Another address has its own share.
        with socket.socket() as other:
            other.bind(("127.0.0.2", 0))
            other.connect(("127.0.0.1", site.port))
            other.sendall(GOOD)
            self.assertIn(b" 200 OK", other.recv(65536))
        for one in crowd:
            one.close()
        time.sleep(0.2)
        self.assertIn(b" 200 OK", site.raw(GOOD, wait=0.5)[0])
        self.assertEqual(site.stop(), 0)

    def test_slow_loris_is_cut_off_and_meanwhile_readers_are_served(self):
        site = Site().start("--request-seconds", "2", "--idle-seconds", "2").admit()
        slow = []
        for i in range(200):
            one = socket.create_connection(("127.0.0.1", site.port))
            one.sendall(b"GET /healthz HTTP/1.1\r\n" if i % 2 else b"G")
            slow.append(one)
        began, most = time.time(), 0.0
        while time.time() - began < 4.5:
            for i, one in enumerate(slow):
                try:
                    one.sendall(b"X-%d: y\r\n" % i)
                except OSError:
                    pass
            before = time.time()
            self.assertEqual(site.ask("POST", "/v1/scans", {"scans": [scan("B-A")]}, token="admin")[0], 200)
            most = max(most, time.time() - before)
            time.sleep(0.05)
        self.assertLess(most, 1.0)
        cut = 0
        for one in slow:
            one.settimeout(1.0)
            try:
                back = b""
                while True:
                    piece = one.recv(4096)
                    back += piece
                    if not piece:
                        break
                cut += 1
            except ConnectionResetError:
                cut += 1
            except (socket.timeout, TimeoutError):
                pass
            one.close()
        self.assertEqual(cut, len(slow))
        self.assertEqual(site.stop(), 0)

    def test_an_address_that_is_not_loopback_wants_tls_or_a_word(self):
        site = Site()
        done = subprocess.run([os.environ["WHEREABOUTS"], "--data", site.data, "serve", "--listen", "0.0.0.0:0"],
                              capture_output=True, encoding="utf-8", check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn("--plain-http", done.stderr)
        site.start("--plain-http", listen="0.0.0.0:0")
        self.assertEqual(site.stop(signal.SIGTERM), 0)


if __name__ == "__main__":
    unittest.main(verbosity=1)
