"""Query parsing: the only package that interprets the text of a question."""
