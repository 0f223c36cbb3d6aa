"""The office's words: names that people use, with the official names that the documents use."""
