"""Whether a service answers on a port of this machine."""

import urllib3


def is_healthy(port: int) -> bool:
    """True when GET /health is answered with 200 within a second."""
    try:
        return urllib3.request("GET", f"http://127.0.0.1:{port}/health", timeout=1, retries=False).status == 200
    except urllib3.exceptions.HTTPError:
        return False
