"""Reader for web pages."""

from ingest.readers.html.html_reader import html_title, read_html

__all__ = ["html_title", "read_html"]
