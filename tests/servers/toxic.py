"""A proxy before an HTTP server that does to requests what networks and servers do to them.

Of every request it draws what happens, by a seed: nothing, an error of the server (500, 503
SlowDown), a connection that is reset before or after the server has acted, half a body on the way
there or back, a stall. `Toxic.seen` counts what was done.
"""

import http.client
import random
import socket
import struct
import threading
import time
from collections import Counter
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

WELL = "well"
HARMS = (
    "500",
    "503",
    "reset before",  # the server never saw the request
    "reset after",  # it did, and the client does not know
    "half sent",
    "half back",
    "stall",
)
_HOP = {"connection", "keep-alive", "transfer-encoding", "expect", "proxy-connection"}
_ERROR = '<?xml version="1.0" encoding="UTF-8"?><Error><Code>{}</Code></Error>'
_UPSTREAM_SECONDS = 120


class Toxic:
    """What the proxy does from now on; may be changed while it runs."""

    def __init__(self, endpoint: str, *, seed: int, rate: float, stall_seconds: float) -> None:
        self.endpoint = endpoint
        self.rate = rate
        self.stall_seconds = stall_seconds
        self.harms = HARMS
        self.seen: Counter[str] = Counter()
        self._random = random.Random(seed)  # noqa: S311 - what goes wrong, not a secret
        self._lock = threading.Lock()

    def draw(self) -> str:
        """What happens to the next request."""
        with self._lock:
            ill = self._random.random() < self.rate
            drawn = self._random.choice(self.harms) if ill else WELL
            self.seen[drawn] += 1
            return drawn


@contextmanager
def start_toxic(upstream: str, *, seed: int, rate: float = 0.1, stall_seconds: float = 30):
    """Start the proxy before `upstream` (http://host:port); give its `Toxic`."""
    host, _, port = upstream.removeprefix("http://").partition(":")
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    server.upstream = (host, int(port))
    server.toxic = Toxic(
        f"http://127.0.0.1:{server.server_port}", seed=seed, rate=rate, stall_seconds=stall_seconds
    )
    thread = threading.Thread(target=server.serve_forever, name="toxic", daemon=True)
    thread.start()
    try:
        yield server.toxic
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def _any(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        harm = self.server.toxic.draw()
        if harm == "stall":
            time.sleep(self.server.toxic.stall_seconds)
        if harm in {"500", "503"}:
            self._refuse(int(harm))
        elif harm == "reset before":
            self._reset()
        elif harm == "half sent":
            self._send_half(body)
            self._reset()
        else:
            self._pass_on(body, harm)

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = _any  # noqa: N815 - the library's names

    def _pass_on(self, body: bytes, harm: str) -> None:
        there = http.client.HTTPConnection(*self.server.upstream, timeout=_UPSTREAM_SECONDS)
        try:
            self._ask(there, body, len(body))
            answer = there.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException):  # the server itself is down or went
            self._reset()
            return
        finally:
            there.close()
        if harm == "reset after":
            self._reset()
            return
        self.send_response_only(answer.status, answer.reason)
        for name, value in answer.getheaders():
            if name.lower() not in _HOP | {"content-length"}:
                self.send_header(name, value)
        length = answer.getheader("Content-Length") if self.command == "HEAD" else len(content)
        self.send_header("Content-Length", str(length or 0))
        self.end_headers()
        if self.command == "HEAD":
            return
        if harm == "half back":
            self.wfile.write(content[: len(content) // 2])
            self.wfile.flush()
            self._reset()
            return
        self.wfile.write(content)

    def _send_half(self, body: bytes) -> None:
        there = http.client.HTTPConnection(*self.server.upstream, timeout=_UPSTREAM_SECONDS)
        try:
            self._ask(there, body[: len(body) // 2], len(body))
        except OSError:
            pass
        finally:
            there.close()

    def _ask(self, there: http.client.HTTPConnection, body: bytes, length: int) -> None:
        there.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            if name.lower() not in _HOP | {"content-length"}:
                there.putheader(name, value)
        if length or self.command in {"PUT", "POST"}:
            there.putheader("Content-Length", str(length))
        there.endheaders(body)

    def _refuse(self, status: int) -> None:
        content = _ERROR.format("SlowDown" if status == 503 else "InternalError").encode()
        self.send_response_only(status)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def _reset(self) -> None:
        """RST instead of FIN: the client sees a reset, not an end."""
        self.close_connection = True
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.connection.close()

    def log_message(self, *_: object) -> None:
        """Say nothing: the faults are meant."""

    def handle(self) -> None:
        """A connection that is reset ends here, without a word."""
        try:
            super().handle()
        except (OSError, ValueError):  # ValueError: the library flushes what we closed
            self.close_connection = True
