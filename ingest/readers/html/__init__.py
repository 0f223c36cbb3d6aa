"""Reader for web pages."""

from ingest.readers.html.html_reader import html_lines, html_title, read_html
from ingest.readers.html.main_content import parse_page

__all__ = ["html_lines", "html_title", "parse_page", "read_html"]
