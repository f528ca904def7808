"""The HTTP door of the categories."""
