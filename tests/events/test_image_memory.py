"""No file makes the decoder take 200 MB, and none makes the worker that started it grow or die."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from PIL import Image

from events.models import Event
from tests.events.hostile_pictures import HOSTILE, png_bomb
from tests.events.pictures import animation, picture, saved
from tests.factories import Caller, make_event, snapshot
from tests.live import LiveService, live_service

KIB = 200_000_000 // 1024
BOMBS = ("PNG bomb", "progressive JPEG", "text bomb", "profile bomb", "frames of too many pixels")
LARGE: dict[str, Callable[[], bytes]] = {
    "a photo of 50 megapixels": lambda: saved(Image.new("RGB", (8160, 6120)), "JPEG"),
    "a progressive photo of 24 megapixels": lambda: saved(Image.new("RGB", (6000, 4000)), "JPEG", progressive=True),
    "a PNG of 24 megapixels": lambda: png_bomb(6000, 4000),
    "a long film": lambda: animation(78, width=640, height=400),
}


def decode(content: bytes, folder: Path, **environ: str) -> tuple[str, int]:
    """The decoder's word, and its peak in KiB."""
    (folder / "source").write_bytes(content)
    done = subprocess.run(
        [sys.executable, "-m", "tests.events.image_memory", str(folder)],
        env={"PATH": os.environ["PATH"], **environ},
        capture_output=True,
        text=True,
        check=True,
    )
    word, peak = done.stdout.split()
    return word, int(peak)


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_takes_less_than_200_megabytes(name: str, tmp_path: Path) -> None:
    word, peak = decode(HOSTILE[name][1](), tmp_path)

    assert word in {"pixels", "memory", "frames", "unreadable"}
    assert peak < KIB


@pytest.mark.parametrize("name", LARGE)
def test_a_large_image_fits_into_the_same_memory(name: str, tmp_path: Path) -> None:
    word, peak = decode(LARGE[name](), tmp_path)

    assert word in {"jpg", "png", "gif"}
    assert peak < KIB


def test_without_its_limits_a_bomb_would_take_more(tmp_path: Path) -> None:
    """The control."""
    assert decode(png_bomb(7000, 7000), tmp_path, UNLIMITED="1")[1] > KIB


@pytest.mark.django_db(transaction=True)
def test_a_worker_refuses_and_outlives_every_hostile_file(alice: Caller, tmp_path: Path) -> None:
    with live_service(WEB_WORKERS="1", UPLOAD_FOLDER=str(tmp_path)) as service:
        (worker,) = workers_of(service)
        event = make_event(alice)
        before = snapshot(event)

        answers = {name: upload(service, alice, event, make()) for name, (_, make) in HOSTILE.items()}

        assert answers == {name: status for name, (status, _) in HOSTILE.items()}
        assert (snapshot(event), list(tmp_path.iterdir())) == (before, [])
        assert upload(service, alice, event, picture()) == 200
        assert workers_of(service) == [worker]
        found = re.search(r"^VmHWM:\s+(\d+) kB$", Path(f"/proc/{worker}/status").read_text(), re.MULTILINE)
        assert found is not None
        assert int(found[1]) < KIB


def workers_of(service: LiveService) -> list[int]:
    """The pids of a gunicorn's workers."""
    masters = [child for child in psutil.Process().children() if child.environ().get("APP_PORT") == str(service.port)]
    return [worker.pid for master in masters for worker in master.children()]


def upload(service: LiveService, caller: Caller, event: Event, content: bytes) -> int:
    """Send an image over HTTP; returns the status."""
    assert caller.principal is not None
    response = service.http.request(
        "POST",
        f"http://127.0.0.1:{service.port}/events/{event.id}/image",
        fields={"image": ("upload", content)},
        headers={"Authorization": f"Bearer {caller.principal.token}"},
    )
    return response.status
