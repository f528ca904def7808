"""The six categories that the platform's document starts with."""

from categories.models import Category

DEFAULT_CATEGORIES = (
    ("Networking", "Professional networking events", "network", "#3B82F6"),
    ("Workshop", "Educational workshops and training", "workshop", "#10B981"),
    ("Conference", "Industry conferences and summits", "conference", "#8B5CF6"),
    ("Meetup", "Casual meetups and social events", "meetup", "#F59E0B"),
    ("Webinar", "Online webinars and presentations", "webinar", "#EF4444"),
    ("Career", "Career development and job fairs", "career", "#6366F1"),
)


def add_default_categories(model: type[Category] = Category) -> None:
    """Insert those that are missing; one that staff renamed or changed stays as it is."""
    model.objects.bulk_create(
        [model(name=name, description=text, icon=icon, color=color) for name, text, icon, color in DEFAULT_CATEGORIES],
        ignore_conflicts=True,
    )
