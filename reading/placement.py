"""Does a PDF page show nothing but one image? Then that image *is* the page and is kept as it is.

The drawing instructions are followed with the current matrix and text mode (ISO 32000-1, 8.4
and 9.3.6): what is painted before a page-filling image is hidden by it, invisible text
(mode 3) shows nothing, anything painted after the image makes the page more than its image.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

Matrix = tuple[float, float, float, float, float, float]

_IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
_PAINTS = {"f", "F", "f*", "S", "s", "B", "B*", "b", "b*", "sh", "INLINE IMAGE"}
_PATH_PARTS = {"re", "m", "l", "c", "v", "y"}
_PATH_ENDS = (_PAINTS - {"sh", "INLINE IMAGE"}) | {"n"}
_SHOWS = {"Tj", "TJ", "'", '"'}
_INVISIBLE = 3
_MAX_DEPTH = 6
_EDGE = 0.012
"""Share of the page's side by which the image may miss or pass its edges."""
_STRAIGHT = 0.002


class SoleImage(NamedTuple):
    """The image that fills a page, with its size in points and its clockwise turn in degrees."""

    stream: Any
    width_pt: float
    height_pt: float
    rotation: int


def sole_image(page: Any, content_limit: int) -> SoleImage | None:
    """The one image that a pikepdf page shows, or None where the page is anything else.

    Instructions longer than `content_limit` bytes are not followed: None. Raises what pikepdf
    raises on a stream that does not decode.
    """
    box = [float(edge) for edge in page.cropbox]
    walk = _Walk(box, content_limit)
    walk.follow(page, page.resources, _State(), 0)
    if walk.image is None or walk.more or walk.lost:
        return None
    stream, matrix = walk.image
    return _fill(stream, matrix, box) if _opaque(stream) else None


class _State(NamedTuple):
    """The part of the graphics state that decides what can be seen."""

    matrix: Matrix = _IDENTITY
    mode: int = 0
    clipped: bool = False


class _Walk:
    """What has been painted so far: the last image, and whether something came after it."""

    def __init__(self, box: list[float], content_limit: int) -> None:
        self.image: tuple[Any, Matrix] | None = None
        self.more = False
        self.lost = False
        """The page uses what this walk does not follow."""
        self._box = box
        self._content_left = content_limit

    def follow(self, content: Any, resources: Any, state: _State, depth: int) -> None:
        """Run the instructions of a page or form XObject."""
        import pikepdf

        self._content_left -= _content_bytes(content)
        self.lost = self.lost or depth > _MAX_DEPTH or self._content_left < 0
        stack: list[_State] = []
        path: list[list[float]] = []
        for step in [] if self.lost else pikepdf.parse_content_stream(content):
            name, operands = str(step.operator), step.operands
            if name == "q":
                stack.append(state)
            elif name == "Q":
                state = stack.pop() if stack else state
            elif name in _PATH_PARTS:
                path.append([float(value) for value in operands])
            elif name in {"W", "W*"}:
                spared = _spares(path, state.matrix, self._box)
                state = state._replace(clipped=state.clipped or not spared)
            elif name == "Do":
                self._draw(resources, operands[0], state, depth)
            else:
                state = self._change(name, operands, resources, state)
            path = [] if name in _PATH_ENDS else path
            if self.lost:
                return

    def _change(self, name: str, operands: Any, resources: Any, state: _State) -> _State:
        """Note what is painted; return the state with its matrix or text mode changed."""
        if name == "cm":
            return state._replace(matrix=multiply(_matrix(operands), state.matrix))
        if name == "Tr":
            return state._replace(mode=int(operands[0]))
        if name == "gs":
            self.lost = self.lost or not _neutral(resources, operands[0])
        elif name in _PAINTS or (name in _SHOWS and state.mode != _INVISIBLE):
            self.more = self.image is not None
        return state

    def _draw(self, resources: Any, name: Any, state: _State, depth: int) -> None:
        target = resources.get("/XObject", {}).get(str(name))
        if target is None:
            return
        if str(target.get("/Subtype")) == "/Image":
            self.image, self.more = (target, state.matrix), state.clipped
        elif str(target.get("/Subtype")) == "/Form":
            inner = multiply(_matrix(target.get("/Matrix", _IDENTITY)), state.matrix)
            own = target.get("/Resources", resources)
            self.follow(target, own, state._replace(matrix=inner), depth + 1)


def _neutral(resources: Any, name: Any) -> bool:
    """Whether a graphics state parameter dictionary leaves what is painted opaque."""
    state = resources.get("/ExtGState", {}).get(str(name), {})
    opaque = all(float(state.get(key, 1)) == 1 for key in ("/CA", "/ca"))
    return opaque and str(state.get("/SMask", "/None")) == "/None"


def _spares(path: list[list[float]], matrix: Matrix, box: list[float]) -> bool:
    """Whether clipping to `path` leaves the page whole: one rectangle at least as large."""
    if len(path) != 1 or len(path[0]) != 4:  # noqa: PLR2004 - x, y, width, height
        return False
    x, y, wide, high = path[0]
    corners = [
        multiply((1, 0, 0, 1, x + across, y + up), matrix)[4:]
        for across in (0, wide)
        for up in (0, high)
    ]
    xs, ys = [corner[0] for corner in corners], [corner[1] for corner in corners]
    slack_x, slack_y = _EDGE * (box[2] - box[0]), _EDGE * (box[3] - box[1])
    return (
        min(xs) <= box[0] + slack_x
        and max(xs) >= box[2] - slack_x
        and min(ys) <= box[1] + slack_y
        and max(ys) >= box[3] - slack_y
    )


def _content_bytes(content: Any) -> int:
    """Encoded size of the instructions in bytes: enough to keep the walk bounded."""
    import pikepdf

    streams = content.obj.get("/Contents", []) if isinstance(content, pikepdf.Page) else content
    if isinstance(streams, pikepdf.Stream):
        streams = [streams]
    return sum(len(stream.read_bytes()) for stream in streams)


def _matrix(values: Iterable[Any]) -> Matrix:
    a, b, c, d, e, f = (float(value) for value in values)
    return a, b, c, d, e, f


def multiply(first: Matrix, then: Matrix) -> Matrix:
    """The matrix that applies `first`, then `then` (row vectors, as in PDF)."""
    a, b, c, d, e, f = first
    p, q, r, s, t, u = then
    return (
        a * p + b * r,
        a * q + b * s,
        c * p + d * r,
        c * q + d * s,
        e * p + f * r + t,
        e * q + f * s + u,
    )


def _opaque(stream: Any) -> bool:
    """Whether the image paints every pixel with its own colour, unmapped and unmasked."""
    if any(key in stream for key in ("/SMask", "/Mask", "/OC")):
        return False
    decode = [float(value) for value in stream.get("/Decode", [])]
    if decode != [0.0, 1.0] * (len(decode) // 2):
        return False
    return not bool(stream.get("/ImageMask", False)) and int(stream.get("/SMaskInData", 0)) == 0


def _fill(stream: Any, matrix: Matrix, box: list[float]) -> SoleImage | None:
    a, b, c, d, e, f = matrix
    wide, high = abs(a) + abs(c), abs(b) + abs(d)
    if min(wide, high) <= 0 or min(abs(a), abs(c)) > _STRAIGHT * wide:
        return None
    if min(abs(b), abs(d)) > _STRAIGHT * high:
        return None
    left, bottom = e + min(a, 0) + min(c, 0), f + min(b, 0) + min(d, 0)
    page_wide, page_high = box[2] - box[0], box[3] - box[1]
    misses = (
        abs(left - box[0]) / page_wide,
        abs(left + wide - box[2]) / page_wide,
        abs(bottom - box[1]) / page_high,
        abs(bottom + high - box[3]) / page_high,
    )
    if max(misses) > _EDGE:
        return None
    rotation = _turn(a, b, c, d)
    if rotation is None:
        return None
    if rotation in {90, 270}:
        return SoleImage(stream, high, wide, rotation)
    return SoleImage(stream, wide, high, rotation)


def _turn(a: float, b: float, c: float, d: float) -> int | None:
    """Clockwise degrees of a matrix without mirroring; None for a mirrored one."""
    if abs(a) > abs(b):
        return {(True, True): 0, (False, False): 180}.get((a > 0, d > 0))
    return {(False, True): 90, (True, False): 270}.get((b > 0, c > 0))
