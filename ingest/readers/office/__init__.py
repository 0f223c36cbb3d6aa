"""Word, Excel and PowerPoint, and what LibreOffice converts to them."""
