"""OCR of scanned pages and picture files."""
