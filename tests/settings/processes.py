"""The settings as a process of their own reads them, since they are read once, at import."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

PROJECT_ROOT = Path(__file__).resolve().parents[2]
PRINT_SETTINGS = """
import json, sys
from meetinity_events import settings
print(json.dumps({name: getattr(settings, name) for name in sys.argv[1:]}, default=str))
"""


def start_process(data_dir: Path, names: tuple[str, ...], environ: dict[str, str]) -> subprocess.Popen[str]:
    """A process with nothing but `environ` that prints the settings `names` as JSON."""
    return subprocess.Popen(
        [sys.executable, "-c", PRINT_SETTINGS, *names],
        env={"PATH": os.environ["PATH"], "DATA_DIR": str(data_dir), **environ},
        cwd=PROJECT_ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def read_settings(data_dir: Path, *names: str, **environ: str) -> dict[str, Any]:
    """The settings as this environment makes them."""
    with start_process(data_dir, names, environ) as process:
        output, complaints = process.communicate(timeout=120)
    assert (process.returncode, complaints) == (0, "")
    settings: dict[str, Any] = json.loads(output)
    return settings


def read_refusal(data_dir: Path, **environ: str) -> str:
    """What a start that must fail writes."""
    with start_process(data_dir, (), environ) as process:
        output, complaints = process.communicate(timeout=120)
    assert (process.returncode, output) == (1, "")
    return complaints
