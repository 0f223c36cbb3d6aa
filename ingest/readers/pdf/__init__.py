"""PDF reader: turns the objects of a page into tables and paragraphs in reading order.

visible_text, drawing → content → grid → pdf_table · text_rows, reading_order → page_layout; `pdf_reader` walks
the pages. Importing it loads PDFium (0.1 s).
"""
