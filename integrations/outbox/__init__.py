"""Messages on their way out: recorded with the change, sent after it."""
