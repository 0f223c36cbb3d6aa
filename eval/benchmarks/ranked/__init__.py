"""Public sets that are measured by the rank of the right result: retrieval, PDF pages."""
