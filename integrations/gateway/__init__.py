"""Requests that come more than once: by a client that retries, or through the gateway."""
