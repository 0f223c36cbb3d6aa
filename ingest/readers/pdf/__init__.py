"""PDF pages as a person reads them: what PDFium knows of a page becomes tables, charts and paragraphs in order.

place, drawing, content → grid, cell, refine → table · label, legend → bars, slices → chart · order → lines; `reader`
walks the pages.
"""

from ingest.readers.pdf.reader import opened_pdf, read_pdf

__all__ = ["opened_pdf", "read_pdf"]
