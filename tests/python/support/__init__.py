"""A real host and real clients, for tests that speak only the event API."""
