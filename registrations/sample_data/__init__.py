"""A large made-up database to measure with: the same seed and day make the same rows."""
