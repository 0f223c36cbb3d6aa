"""Pictures of pages, drawn or handed in, and pictures on pages of text: read by OCR, laid out as any page is."""
