"""The whole service on this machine, as `deploy/` runs it: PostgreSQL, Chroma, two workers and nginx."""
