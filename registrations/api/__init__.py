"""The HTTP door of the registrations."""
