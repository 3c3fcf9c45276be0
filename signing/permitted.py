"""What may be appended after a signature without touching what was signed."""

from __future__ import annotations

from pyhanko.sign.diff_analysis import DEFAULT_DIFF_POLICY as POLICY

__all__ = ["POLICY"]
