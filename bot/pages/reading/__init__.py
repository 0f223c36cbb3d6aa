"""Pages to browse the index: documents, and comparison of two documents."""
