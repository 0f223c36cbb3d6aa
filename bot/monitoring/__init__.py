"""Log and traces of a server."""
