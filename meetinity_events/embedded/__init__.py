"""Development, tests and demo: the real servers that start where no URL is given, and the commands that need them.

Nothing here is imported by the service itself; it needs the packages of `requirements/embedded.txt`.
"""
