"""Training the reader and measuring it: questions over their documents, examples of reading, the net."""
