"""The pictures of the documentation: which there are, and what leads to each."""
