"""The metrics and log kit; it knows no app."""
