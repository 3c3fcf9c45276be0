"""Real servers that tests start for themselves and end by their own process id."""
