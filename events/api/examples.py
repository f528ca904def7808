"""What the OpenAPI document shows of a good body."""

from drf_spectacular.utils import OpenApiExample

NEW_EVENT = OpenApiExample(
    "A meetup with two seats",
    {
        "title": "Tech Networking Meetup",
        "description": "Meet the people who build what you use.",
        "category": "Networking",
        "start_date": "2030-10-15T18:00:00Z",
        "end_date": "2030-10-15T21:00:00Z",
        "timezone": "America/Los_Angeles",
        "location": "San Francisco, CA",
        "latitude": 37.774929,
        "longitude": -122.419416,
        "max_attendees": 2,
        "tags": ["tech", "startup"],
        "price": "0.00",
        "currency": "USD",
    },
    request_only=True,
)
CANCELLATION = OpenApiExample("With a reason", {"reason": "Insufficient registrations"}, request_only=True)
