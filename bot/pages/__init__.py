"""What all pages are made of: templates, sheets and scripts, days, furigana, and how a page speaks."""
