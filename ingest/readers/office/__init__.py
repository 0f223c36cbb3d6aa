"""Readers for Word, Excel, PowerPoint and the formats that LibreOffice converts to them."""
