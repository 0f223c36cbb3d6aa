"""Pages to browse the index: documents, comparison of two documents, and plan targets."""
