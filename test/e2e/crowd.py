"""A crowd of hostile clients in one process, for crowd_test.py: sockets that rest, that trickle heads
and bodies, that send too much, too little or rubbish, that close half of themselves. Whoever is cut
off comes again, so many a second. Told what to be as JSON on standard input, it says "ready" when
all have been opened once, and goes on until its standard input ends."""
import errno
import json
import resource
import select
import socket
import ssl
import sys
import time

IN_PROGRESS = (errno.EINPROGRESS, errno.EAGAIN)
HEAD = b"POST /v1/scans HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
SIGN_IN = b"POST /v1/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 65000\r\n\r\n"


def kinds(token):
    """name: what is sent at once, what is trickled after it, and how it ends: None, half or whole."""
    mine = b"Authorization: Bearer " + token.encode() + b"\r\n"
    return {
        "rests": (b"", b"", None),
        "trickles a head": (b"G", b"ET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: " + b"y" * 9000, None),
        "has been served and rests": (b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", b"", None),
        "half closed in its head": (b"GET /healthz HTTP/1.1\r\nHo", b"", "half"),
        "half closed after its request": (b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", b"", "half"),
        "a large body of nobody": (HEAD + b"Content-Length: 8000000\r\n\r\n" + b" " * 2000, b" " * 9000, None),
        "a body for the sign-in": (SIGN_IN + b" " * 60000, b" " * 4000, None),
        "a body without end": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n" * 2000, None),
        "a body cut off": (HEAD + b"Content-Length: 5000\r\n\r\n{\"scans\":[", b"", "whole"),
        "a reader's body cut off": (HEAD + mine + b"Content-Length: 500\r\n\r\n{\"scans\":[", b"", "whole"),
        "heads too large": (b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"z" * 40000, b"", None),
        "rubbish": (bytes(range(256)) * 20, b"\x16\x03\x01" * 100, None),
    }


class Client:
    def __init__(self, crowd, number):
        self.crowd = crowd
        self.number = number
        self.once, self.slowly, self.ends = crowd.kinds[number % len(crowd.kinds)]
        self.socket = None

    def open(self):
        self.socket = socket.socket()
        self.socket.setblocking(False)
        self.socket.setsockopt(socket.SOL_IP, 24, 1)  # IP_BIND_ADDRESS_NO_PORT
        self.socket.bind((self.crowd.addresses[self.number % len(self.crowd.addresses)], 0))
        code = self.socket.connect_ex(("127.0.0.1", self.crowd.port))
        if code not in (0, *IN_PROGRESS):
            raise OSError(code, "connect")
        self.out, self.at, self.is_open, self.shaking = self.once, 0, False, False
        self.watch(select.EPOLLIN | select.EPOLLOUT, new=True)

    def watch(self, events, new=False):
        (self.crowd.epoll.register if new else self.crowd.epoll.modify)(self.socket.fileno(), events)
        if new:
            self.crowd.clients[self.socket.fileno()] = self

    def close(self):
        self.crowd.clients.pop(self.socket.fileno(), None)
        self.socket.close()
        self.socket = None
        self.crowd.gone.append(self)

    def begin(self):
        """The connection stands. Under TLS one in three shakes hands; the others do not get so far."""
        self.is_open = True
        if self.crowd.tls and self.number % 3 == 0:
            self.crowd.epoll.unregister(self.socket.fileno())
            self.socket = self.crowd.tls.wrap_socket(self.socket, do_handshake_on_connect=False)
            self.shaking = True
            self.watch(select.EPOLLIN | select.EPOLLOUT, new=True)

    def go_on(self, events):
        try:
            if not self.is_open:
                self.begin()
            if self.shaking:
                self.socket.do_handshake()
                self.shaking = False
            if events & (select.EPOLLIN | select.EPOLLHUP) and not self.socket.recv(65536):
                raise ConnectionError
            self.send()
        except ssl.SSLWantReadError:
            self.watch(select.EPOLLIN)
        except (ssl.SSLWantWriteError, BlockingIOError):
            pass
        except OSError:
            self.close()

    def send(self):
        while self.out:
            self.out = self.out[self.socket.send(self.out):]
        if self.ends == "half":
            if not self.crowd.tls:
                self.socket.shutdown(socket.SHUT_WR)
            self.ends = None
        elif self.ends == "whole":
            raise ConnectionError
        self.watch(select.EPOLLIN)

    def trickle(self):
        if self.is_open and not self.shaking and not self.out and self.at < len(self.slowly):
            self.out = self.slowly[self.at:self.at + 1]
            self.at += 1
            self.go_on(select.EPOLLOUT)


class Crowd:
    def __init__(self, port, count, addresses, again, tls, token, only=None):
        self.port, self.again, self.addresses = port, again, addresses
        self.kinds = [kind for name, kind in kinds(token).items() if not only or name in only]
        self.tls = None
        if tls:
            self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            self.tls.check_hostname = False
            self.tls.verify_mode = ssl.CERT_NONE
        self.epoll = select.epoll()
        self.clients = {}
        self.gone = [Client(self, i) for i in range(count)]
        self.count, self.opened = count, 0

    def turn(self):
        for fd, events in self.epoll.poll(0.01, 512):
            if fd in self.clients:
                self.clients[fd].go_on(events)

    def bring(self, most):
        coming, self.gone = self.gone[:most], self.gone[most:]
        for client in coming:
            client.open()
            self.opened += 1

    def run(self):
        ready, slow, began = False, [], time.time()
        self.epoll.register(0, select.EPOLLIN | select.EPOLLHUP)
        while not self.has_ended():
            # All come at once; from then on who is gone comes again at a pace.
            allowed = self.count if not ready else self.count + int((time.time() - began) * self.again)
            self.bring(min(100, allowed - self.opened))
            self.turn()
            if not ready and self.opened >= self.count:
                ready, began = True, time.time()
                print("ready", flush=True)
            slow = slow or list(self.clients.values())
            for client in slow[-200:]:
                if client.socket:
                    client.trickle()
            del slow[-200:]

    def has_ended(self):
        return bool(select.select([0], [], [], 0)[0])


def main():
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    Crowd(**json.loads(sys.stdin.readline())).run()


if __name__ == "__main__":
    main()
