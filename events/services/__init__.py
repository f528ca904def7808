"""The use cases that touch an event alone, and the SQL of its seats."""
