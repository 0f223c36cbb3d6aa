"""Provisions: what those of a document name, and which of another document they amend."""
