"""The use cases that touch attendees."""
