"""Faults of the world around the line: kills, servers that fail, full disks, races, clocks.

`pytest tests/faults` is the short form, which CI runs; `make test-faults` the long one.
"""
