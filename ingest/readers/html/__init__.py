"""Web pages and what is saved as one."""

from ingest.readers.html.page import html_lines, html_title, read_html
from ingest.readers.html.parts import parsed

__all__ = ["html_lines", "html_title", "parsed", "read_html"]
