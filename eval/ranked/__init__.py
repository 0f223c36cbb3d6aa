"""Public sets that are judged by the rank of what is right: retrieval, pages of PDFs."""
