"""The life of a document after the build: added, withdrawn, expired, fetched again."""
