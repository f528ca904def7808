"""Images in a bucket: a real upload to a server that speaks S3, and a bucket that does not answer."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from django.core.files.storage import default_storage

from events.images.bucket import BucketStorage
from events.services.sweep_images import sweep_images
from meetinity_events.embedded.ports import find_free_port, wait_until
from tests.events.pictures import file_of, opened, picture, send_image
from tests.factories import Caller, make_event, snapshot
from tests.settings.processes import PROJECT_ROOT, read_settings

pytestmark = pytest.mark.django_db(transaction=True)

BUCKET, REGION = "meetinity-images", "eu-west-3"
LOADED = """
import sys, django
django.setup()
from django.core.files.storage import default_storage
default_storage.exists
print(type(default_storage._wrapped).__name__, "boto3" in sys.modules)
"""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of an S3 server of its own."""
    port = find_free_port()
    command = [sys.executable, "-W", "ignore", "-m", "moto.server", "--host", "127.0.0.1", "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            assert wait_until(lambda: answers(port), 30)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def answers(port: int) -> bool:
    """True once somebody listens."""
    with socket.socket() as connection:
        return connection.connect_ex(("127.0.0.1", port)) == 0


def use(settings: Any, address: str) -> None:
    """Keep images in the bucket of the server at `address`."""
    options = {"bucket_name": BUCKET, "endpoint_url": address, "region_name": REGION, "location": "events"}
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": "events.images.bucket.BucketStorage", "OPTIONS": options},
    }


@pytest.fixture
def bucket(server: str, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """An empty bucket, which the service uses."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    bucket = boto3.resource("s3", endpoint_url=server, region_name=REGION).Bucket(BUCKET)
    bucket.create(CreateBucketConfiguration={"LocationConstraint": REGION})
    use(settings, server)
    yield bucket
    bucket.objects.all().delete()
    bucket.delete()


def test_an_image_lives_and_dies_in_the_bucket(alice: Caller, bob: Caller, bucket: Any) -> None:
    event = make_event(alice)

    body = send_image(alice, event.id, picture("PNG", width=900)).json()
    keys = sorted(item.key for item in bucket.objects.all())

    assert isinstance(default_storage._wrapped, BucketStorage)
    assert [key.split(".", 1)[1] for key in keys] == ["medium.png", "png", "thumbnail.png"]
    assert {key.split("/")[0] for key in keys} == {"events"}
    assert bucket.Object(keys[0]).content_type == "image/png"
    assert opened(file_of(bob, body["image_url"])).width == 900
    assert opened(file_of(bob, body["image_thumbnail_url"])).width == 320

    assert alice.delete(f"/events/{event.id}/image").status_code == 200
    assert list(bucket.objects.all()) == []
    assert bob.get(body["image_url"].removeprefix("http://localhost:8080/api")).status_code == 404


def test_the_sweep_finds_its_way_in_a_bucket(alice: Caller, bucket: Any) -> None:
    event = make_event(alice)
    send_image(alice, event.id, picture())
    orphan = "01890000-0000-7000-8000-0000000000aa.jpg"
    bucket.put_object(Key=f"events/aa/{orphan}", Body=picture("JPEG"))

    assert (sweep_images(), sweep_images()) == (1, 0)
    assert len(list(bucket.objects.all())) == 3


def test_a_bucket_that_does_not_answer_is_no_fault_of_the_service(
    alice: Caller, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    use(settings, "http://127.0.0.1:9")
    event = make_event(alice)
    before = snapshot(event)

    sent = send_image(alice, event.id, picture())
    asked = alice.get("/events/images/01890000-0000-7000-8000-0000000000aa.jpg")

    assert (sent.status_code, asked.status_code) == (424, 424)
    assert snapshot(event) == before


def test_a_bucket_that_is_not_there_is_none_either(alice: Caller, bucket: Any, settings: Any) -> None:
    use(settings, bucket.meta.client.meta.endpoint_url)
    settings.STORAGES["default"]["OPTIONS"]["bucket_name"] = "nobodys-bucket"
    settings.STORAGES = dict(settings.STORAGES)

    assert send_image(alice, make_event(alice).id, picture()).status_code == 424


def test_the_settings_choose_the_bucket(tmp_path: Path) -> None:
    given = {"UPLOAD_BUCKET": BUCKET, "UPLOAD_BUCKET_URL": "https://files.example/", "UPLOAD_BUCKET_REGION": REGION}

    assert read_settings(tmp_path, "STORAGES", **given)["STORAGES"]["default"] == {
        "BACKEND": "events.images.bucket.BucketStorage",
        "OPTIONS": {
            "bucket_name": BUCKET,
            "endpoint_url": "https://files.example",
            "region_name": REGION,
            "location": "events",
        },
    }


@pytest.mark.parametrize(
    ("environ", "expected"), [({}, "FileSystemStorage False"), ({"UPLOAD_BUCKET": BUCKET}, "BucketStorage True")]
)
def test_amazons_library_is_loaded_for_a_bucket_alone(environ: dict[str, str], expected: str, tmp_path: Path) -> None:
    variables = {"DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "meetinity_events.settings", **environ}
    done = subprocess.run(
        [sys.executable, "-c", LOADED], env=variables, cwd=PROJECT_ROOT, capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == expected
