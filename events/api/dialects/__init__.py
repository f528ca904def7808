"""One file per shape that a client speaks."""
