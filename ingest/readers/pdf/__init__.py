"""PDF reader: turns the objects of a page into tables and paragraphs in reading order.

visible_text, drawing → content → grid, cells → pdf_table · text_rows, reading_order → page_layout; `pdf_reader` walks
the pages.
"""

from ingest.readers.pdf.pdf_reader import open_pdf, read_pdf
from ingest.readers.pdf.visible_text import open_page

__all__ = ["open_page", "open_pdf", "read_pdf"]
