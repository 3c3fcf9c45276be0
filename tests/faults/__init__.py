"""Faults of the world around the line: kills, servers that fail, full disks, races, clocks.

A short form runs with the other tests; `make test-faults` runs the long one (docs/faults.md).
"""
