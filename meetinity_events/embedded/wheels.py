"""Where the server programs lie among the installed packages."""

import importlib.util
from pathlib import Path

from meetinity_events.embedded.errors import EmbeddedError


def find_wheel(package: str) -> Path:
    """The folder of an installed package, which is not imported: at least one of them acts on being imported."""
    specification = importlib.util.find_spec(package)
    if specification is None or specification.origin is None:
        raise EmbeddedError(f"The package {package} is not installed; `make run` installs it.")
    return Path(specification.origin).parent
