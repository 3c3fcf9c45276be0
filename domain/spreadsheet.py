"""Text as it may stand in a spreadsheet cell."""

from __future__ import annotations

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def neutral(text: str) -> str:
    """The text, with an apostrophe before what a spreadsheet would run as a formula.

    CSV injection: what was read off a foreign paper must not be executed when somebody opens the
    file (https://owasp.org/www-community/attacks/CSV_Injection).
    """
    return f"'{text}" if text.lstrip(" \u00a0").startswith(_FORMULA) else text
