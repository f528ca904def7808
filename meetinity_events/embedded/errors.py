"""The one error of this package: what a person reads instead of a traceback."""


class EmbeddedError(Exception):
    """Says in one line what is wrong and what to do; a command prints it and exits 1. Never holds a password."""
