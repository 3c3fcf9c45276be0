"""An S3 server whose answers break off midway is out of order; no document is at fault."""

import itertools
import socket
import struct
import threading
from contextlib import contextmanager, suppress

import pytest

from domain.errors import Unavailable
from storage import S3Store

ANSWERS = {
    "an error": b"HTTP/1.1 404 Not Found\r\nContent-Length: 500\r\n\r\n<Error><Code>NoSuch",
    "a list": b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n<ListBucketResult>",
    "a head": b"HTTP/1.1 200 OK\r\nContent-Le",
    "nothing": b"",
}
CALLS = {
    "get": lambda store: store.get("k"),
    "info": lambda store: store.info("k"),
    "put": lambda store: store.put("k", b"one", free=True),
    "replace": lambda store: store.replace("k", b"one"),
    "keys": lambda store: list(store.keys()),
    "versions": lambda store: list(store.versions("k")),
    "delete": lambda store: store.delete("k"),
}


@contextmanager
def _server(answer):
    """A port that gives every request this much of an answer, and resets the connection."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                with connection, suppress(OSError):
                    connection.recv(65536)
                    connection.sendall(answer)
                    threading.Event().wait(0.02)  # so that the answer comes before the reset
                    at_once = struct.pack("ii", 1, 0)
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.close()


@pytest.mark.parametrize(
    ("answer", "call"),
    [
        (answer, call)
        for answer, call in itertools.product(ANSWERS, CALLS)
        if call != "info" or answer in {"a head", "nothing"}  # the others are whole without a body
    ],
)
def test_an_answer_that_breaks_off_is_an_outage(answer, call, tmp_path, monkeypatch):
    monkeypatch.setattr("time.sleep", lambda _: None)  # between attempts
    keys = tmp_path / "keys"
    keys.write_text("[default]\naws_access_key_id = a\naws_secret_access_key = b\n")
    with _server(ANSWERS[answer]) as port:
        store = S3Store(
            bucket="kho", endpoint_url=f"http://127.0.0.1:{port}", credentials_file=keys
        )
        with pytest.raises(Unavailable, match="không trả lời"):
            CALLS[call](store)
