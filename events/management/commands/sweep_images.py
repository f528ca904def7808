"""`manage.py sweep_images`: delete the files of images that no event refers to."""

from typing import Any

from django.core.management.base import BaseCommand

from events.services.sweep_images import sweep_images


class Command(BaseCommand):
    """Safe to run at any time and any number of times; beat does it every night."""

    help = "Delete uploaded images, a day old or older, that no event refers to."

    def handle(self, *args: Any, **options: Any) -> None:
        """Prints how many images."""
        self.stdout.write(f"Deleted {sweep_images()} images.")
