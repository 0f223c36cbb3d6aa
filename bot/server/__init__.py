"""The process that serves: API, pages and offices together, from its start to its end."""
