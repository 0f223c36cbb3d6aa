"""Tables of documents: typed rows, columns and cells."""
