"""Expected verdicts and results, kept as tables."""
