"""The listener: an S3 server tells it of new objects, and it starts the runs for them."""
