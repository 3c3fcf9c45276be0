"""A line (TCP on loopback) that can be cut and mended while bytes go over it."""

import socket
import threading
from contextlib import contextmanager, suppress


class Line:
    """Passes connections on to a port; `cut` ends them all and refuses new ones."""

    def __init__(self, port):
        self._to = port
        self._open = []
        self._up = threading.Event()
        self._up.set()
        self._cut_after = None
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self):
        """Nothing passes from now on."""
        self._up.clear()
        for end in list(self._open):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def cut_after(self, size_bytes):
        """Cut by itself when so many more bytes have gone towards the server."""
        self._cut_after = size_bytes

    def mend(self):
        """All passes again."""
        self._cut_after = None
        self._up.set()

    def close(self):
        """End the line for good."""
        self.cut()
        self._listener.close()

    def _accept(self):
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            if not self._up.is_set():
                near.close()
                continue
            far = socket.create_connection(("127.0.0.1", self._to))
            self._open += [near, far]
            for source, target, counts in ((near, far, True), (far, near, False)):
                threading.Thread(
                    target=self._pass, args=(source, target, counts), daemon=True
                ).start()

    def _pass(self, source, target, counts):
        with suppress(OSError):
            while part := source.recv(4096):
                if counts and self._cut_after is not None:
                    self._cut_after -= len(part)
                    if self._cut_after < 0:
                        self.cut()
                        return
                target.sendall(part)
        for end in (source, target):
            with suppress(OSError):
                end.close()


@contextmanager
def line_to(port):
    """A line to a port of this machine."""
    line = Line(port)
    try:
        yield line
    finally:
        line.close()
