"""Documents in, index out: reading, splitting, embedding and indexing a municipality's papers."""
