"""Measures speed and memory by index size, optionally against a plain LangChain system."""
