"""Start one flow run in the nursery and stay until it ends, in its place before the worker.

    python -I -S start.py SOCKET [MODULE]

A Prefect process worker runs this instead of `python -m prefect.engine` (the default module).
It imports nothing but the standard library. Where no nursery answers, it becomes the cold process
itself.
"""

import array
import json
import os
import signal
import socket
import sys

_ANSWER_SECONDS = 20
_CODE_BYTES = 4
_ENGINE = "prefect.engine"


def main() -> int:
    """The exit code of the run; does not return where the run starts cold."""
    module = sys.argv[2] if len(sys.argv) > 2 else _ENGINE  # noqa: PLR2004 - SOCKET, MODULE
    line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        line.settimeout(_ANSWER_SECONDS)
        line.connect(sys.argv[1])
        asked = json.dumps([module, dict(os.environ), os.getcwd()]).encode()  # noqa: PTH109 - quick
        outputs = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [1, 2]))]
        line.sendmsg([len(asked).to_bytes(4, "big")], outputs)
        line.sendall(asked)
        taken = line.recv(1)
    except OSError:
        taken = b""
    if not taken:
        os.execv(sys.executable, [sys.executable, "-m", module])  # noqa: S606 - ourselves
    line.settimeout(None)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _frame: line.sendall(bytes([number])))
    ended = line.recv(_CODE_BYTES)
    if len(ended) < _CODE_BYTES:
        return 1  # the nursery was killed, and the run with it
    code = int.from_bytes(ended, "big", signed=True)
    if code < 0:  # by a signal: end in the same way, so that the worker sees the same
        if -code != signal.SIGKILL:
            signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    return code


if __name__ == "__main__":
    sys.exit(main())
