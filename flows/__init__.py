"""The order: what an operator runs, schedules or triggers."""
