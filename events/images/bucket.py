"""Images in a bucket, loaded only where UPLOAD_BUCKET names one: django-storages, impatient, with plain errors."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from boto3.exceptions import Boto3Error
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from storages.backends.s3 import S3Storage

# Other servers than Amazon's do not know the checksums that its library has begun to add.
CLIENT = Config(
    connect_timeout=1,
    read_timeout=4,
    retries={"total_max_attempts": 1},
    signature_version="s3v4",
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
)
BY_PATH = Config(s3={"addressing_style": "path"})
SPOOL_BYTES = 1024 * 1024


class BucketStorage(S3Storage):
    """What Amazon's library raises becomes the OSError that a folder would raise."""

    def __init__(self, **options: Any) -> None:
        client = CLIENT.merge(BY_PATH) if options.get("endpoint_url") else CLIENT
        super().__init__(client_config=client, max_memory_size=SPOOL_BYTES, **options)

    def _save(self, name: str, content: Any) -> str:
        """Stores the content in one request."""
        with plain_errors():
            saved: str = super()._save(name, content)
            return saved

    def _open(self, name: str, mode: str = "rb") -> Any:
        """Fetches the whole content, which is no larger than an image, so that reading it cannot fail."""
        with plain_errors():
            file = super()._open(name, mode)
            file.seek(0)
            return file

    def delete(self, name: str) -> None:
        """A repeat is no error."""
        with plain_errors():
            super().delete(name)

    def listdir(self, name: str) -> tuple[list[str], list[str]]:
        """Folders and files."""
        with plain_errors():
            found: tuple[list[str], list[str]] = super().listdir(name)
            return found


@contextmanager
def plain_errors() -> Iterator[None]:
    """Raises OSError for whatever goes wrong on the way to the bucket."""
    try:
        yield
    except (Boto3Error, BotoCoreError, ClientError) as error:
        raise OSError(str(error)) from error
