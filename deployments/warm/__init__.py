"""Flow runs from a warm process: what takes seconds to import is there before a run begins."""
