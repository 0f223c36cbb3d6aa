"""Training of the word vectors that are shipped with the package."""
