"""Public sets measured by the rank of the right result: retrieval and PDF pages."""
