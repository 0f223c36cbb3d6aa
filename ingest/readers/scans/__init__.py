"""Pictures of pages: drawn or handed in, read by OCR, laid out as any page is."""
