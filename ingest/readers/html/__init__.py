"""Reader for web pages."""

from ingest.readers.html.html_reader import read_html

__all__ = ["read_html"]
