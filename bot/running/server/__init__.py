"""The server process: API and pages, from start to shutdown."""
