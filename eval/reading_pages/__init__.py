"""What stands on pages of PDFs as a person sees it, and how much of it the product's own reading has right."""
