"""Who takes part in an event, and all that is known from it."""
