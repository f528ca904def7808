"""The HTTP door of the events."""
