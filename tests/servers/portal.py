"""A stand-in for the national portal that fails in the ways servers do, one fault per message.

It keeps what it took by `Idempotency-Key`, as a receiver that honours it would; it is no model of
the real portal, whose specification is not public.
"""

import json
import socket
import struct
import threading
import time
from collections import Counter
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Portal:
    """What it was sent, what it took, and what it does next."""

    def __init__(self) -> None:
        self.url = ""
        self.taken = {}  # message id → message, in the order of taking
        self.posts = Counter()  # message id → how often it came
        self.faults = []  # done one after another, then it works
        self.token = None

    def trouble(self, *faults):
        """Fail in these ways, one per request, then work."""
        self.faults = list(faults)


class _Handler(BaseHTTPRequestHandler):
    portal: Portal
    protocol_version = "HTTP/1.1"

    def log_message(self, *_args):
        """Quiet."""

    def do_GET(self):
        key = self.path.rsplit("/", 1)[-1]
        if key in self.portal.taken:
            self._say(200, {"MaTiepNhan": f"TN-{key[:8]}"})
        else:
            self._say(404, {"loi": "không có"})

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        key = self.headers["Idempotency-Key"]
        self.portal.posts[key] += 1
        if self.portal.token and self.headers["Authorization"] != f"Bearer {self.portal.token}":
            self._say(401, {"loi": "sai khóa"})
            return
        fault = self.portal.faults.pop(0) if self.portal.faults else "none"
        if fault in {"none", "taken_then_cut", "taken_then_500", "no_receipt", "drip", "huge"}:
            self.portal.taken.setdefault(key, json.loads(body))
        getattr(self, f"_{fault}")(key)

    def _say(self, status, body, **headers):
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(content)

    def _none(self, key):
        self._say(200, {"MaTiepNhan": f"TN-{key[:8]}"})

    def _reset(self, _key):
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    def _taken_then_cut(self, key):
        self._reset(key)

    def _taken_then_500(self, _key):
        self._say(500, {"loi": "hỏng"})

    def _no_receipt(self, _key):
        self._say(200, b"<html>dang bao tri</html>")

    def _busy(self, _key):
        self._say(429, {}, Retry_After="7200")

    def _down(self, _key):
        self._say(503, b"")

    def _refuse(self, _key):
        self._say(422, {"loi": "thiếu trường"})

    def _redirect(self, _key):
        self._say(302, b"", Location="http://127.0.0.1:1/")

    def _half(self, _key):
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b'{"MaTi')
        self.close_connection = True

    def _garbage(self, _key):
        self.wfile.write(b"\x00\xff not http\r\n\r\n")
        self.close_connection = True

    def _silent(self, _key):
        time.sleep(1.5)
        self.close_connection = True

    def _drip(self, _key):
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        for _ in range(12):
            try:
                self.wfile.write(b" ")
                self.wfile.flush()
            except OSError:
                return
            time.sleep(0.2)
        self.close_connection = True

    def _huge(self, _key):
        self._say(200, b" " * (1 << 20))


@contextmanager
def start_portal():
    """A portal on a free port of the loopback address."""
    portal = Portal()
    handler = type("Handler", (_Handler,), {"portal": portal})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    server.handle_error = lambda *_args: None  # clients that went away are the point
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    portal.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield portal
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
