"""Uploads: what may be sent, and where it is kept: in a folder, or in a bucket of S3 or of a server that speaks it."""

from typing import Any

from meetinity_events.settings.environment import PROJECT_ROOT, env, read_choices, read_number, read_url

UPLOAD_FOLDER = PROJECT_ROOT / env.str("UPLOAD_FOLDER", "uploads/events")
MEDIA_ROOT = UPLOAD_FOLDER
MAX_CONTENT_LENGTH = read_number("MAX_CONTENT_LENGTH", 16 * 1024 * 1024, minimum=1)
ALLOWED_EXTENSIONS = read_choices("ALLOWED_EXTENSIONS", "jpg,jpeg,png,gif")

UPLOAD_BUCKET = env.str("UPLOAD_BUCKET", "")
UPLOAD_BUCKET_URL = read_url("UPLOAD_BUCKET_URL", "", "https", "http") if env.str("UPLOAD_BUCKET_URL", "") else None
UPLOAD_BUCKET_REGION = env.str("UPLOAD_BUCKET_REGION", "") or None

_folder: dict[str, Any] = {"BACKEND": "django.core.files.storage.FileSystemStorage"}
# Named and not imported: where there is no bucket, nobody pays for Amazon's library. It finds its credentials itself.
_bucket: dict[str, Any] = {
    "BACKEND": "events.images.bucket.BucketStorage",
    "OPTIONS": {
        "bucket_name": UPLOAD_BUCKET,
        "endpoint_url": UPLOAD_BUCKET_URL,
        "region_name": UPLOAD_BUCKET_REGION,
        "location": "events",
    },
}
STORAGES = {
    "default": _bucket if UPLOAD_BUCKET else _folder,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
