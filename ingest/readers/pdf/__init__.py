"""PDF reader: turns the objects of a page into tables, charts and paragraphs in reading order.

place, drawing, content → grid, cell, refine → table · label, legend → bars, slices → chart · order → lines; `reader`
walks the pages.
"""

from ingest.readers.pdf.reader import open_pdf, read_pdf

__all__ = ["open_pdf", "read_pdf"]
