"""Training of the project's models; no server imports it."""
