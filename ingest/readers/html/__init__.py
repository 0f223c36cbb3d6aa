"""Reader for web pages."""
