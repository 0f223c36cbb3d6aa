"""Answers that staff wrote: the rows of FAQ files, each a document with a question and its answer."""
