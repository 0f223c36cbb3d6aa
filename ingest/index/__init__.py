"""One index generation on disk, opened for reading: passages, keyword index, vectors, originals."""
