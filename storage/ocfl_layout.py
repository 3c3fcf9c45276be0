"""Where archive objects lie under the storage root.

Extension 0003-hash-and-id-n-tuple-storage-layout
(https://ocfl.github.io/extensions/0003-hash-and-id-n-tuple-storage-layout.html) with its
default parameters: three levels of three hex digits of the id's SHA-256, then a folder that
carries the id itself, so that the ids can be read from the keys alone.
"""

from __future__ import annotations

import hashlib
import json
import re
from urllib.parse import unquote

NAME = "0003-hash-and-id-n-tuple-storage-layout"
ROOT_DECLARATION = ("0=ocfl_1.1", b"ocfl_1.1\n")
OBJECT_DECLARATION = ("0=ocfl_object_1.1", b"ocfl_object_1.1\n")
INVENTORY = "inventory.json"
SIDECAR = "inventory.json.sha512"
_TUPLE_SIZE, _TUPLES = 3, 3
_LONGEST = 100
_PLAIN = re.compile(r"[A-Za-z0-9_-]")
_ROOT_INVENTORY = re.compile(rf"(?:[0-9a-f]{{3}}/){{3}}([^/]+)/{re.escape(INVENTORY)}")


def root_files() -> dict[str, bytes]:
    """What stands directly under a storage root, by key."""
    layout = {"extension": NAME, "description": "Hashed n-tuple trees with the object id"}
    parameters = {
        "extensionName": NAME,
        "digestAlgorithm": "sha256",
        "tupleSize": _TUPLE_SIZE,
        "numberOfTuples": _TUPLES,
    }
    return {
        f"extensions/{NAME}/config.json": _json(parameters),
        "ocfl_layout.json": _json(layout),
        ROOT_DECLARATION[0]: ROOT_DECLARATION[1],
    }


def object_root(object_id: str) -> str:
    """The key prefix of the object, without the last slash."""
    digest = hashlib.sha256(object_id.encode()).hexdigest()
    levels = [digest[n * _TUPLE_SIZE : (n + 1) * _TUPLE_SIZE] for n in range(_TUPLES)]
    return "/".join((*levels, _folder(object_id, digest)))


def object_id_of(key: str) -> str | None:
    """The object whose root inventory is under this key; None for any other key.

    The empty string says: of an object whose id is too long to stand in its key.
    """
    found = _ROOT_INVENTORY.fullmatch(key)
    if found is None:
        return None
    object_id = unquote(found[1], errors="replace")
    return object_id if f"{object_root(object_id)}/{INVENTORY}" == key else ""


def _folder(object_id: str, digest: str) -> str:
    encoded = "".join(
        char if _PLAIN.match(char) else "".join(f"%{byte:02x}" for byte in char.encode())
        for char in object_id
    )
    return encoded if len(encoded) <= _LONGEST else f"{encoded[:_LONGEST]}-{digest}"


def _json(value: object) -> bytes:
    return f"{json.dumps(value, indent=1, sort_keys=True)}\n".encode()
