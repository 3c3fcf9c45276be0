"""Reference data as files, and the loader that checks them."""

from __future__ import annotations

from catalogues.loader import load_catalogue

__all__ = ["load_catalogue"]
