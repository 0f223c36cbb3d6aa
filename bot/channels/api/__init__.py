"""The HTTP API, its OpenAI-compatible form, and their middleware."""
