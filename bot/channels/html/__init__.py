"""Shared parts of all pages: templates, assets, dates, furigana and reader preferences."""
