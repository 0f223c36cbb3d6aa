"""The pages and routes of signing in."""
