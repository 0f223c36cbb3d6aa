"""Reader for web pages."""

from ingest.readers.html.main_content import parse_page
from ingest.readers.html.page import html_lines, html_title, read_html

__all__ = ["html_lines", "html_title", "parse_page", "read_html"]
