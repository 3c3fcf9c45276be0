"""One step of I/O each, in the order a paper meets them."""
