"""The HTTP API of the data store: what the one-stop system asks before it asks a person again."""
