"""The server process: API, pages and tenants, from start to shutdown."""
