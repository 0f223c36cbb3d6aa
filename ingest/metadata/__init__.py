"""Metadata of documents: manifests, proposals, lineage and validity."""
