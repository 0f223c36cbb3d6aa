"""Proposes manifest entries from the files: each value with its source."""

from ingest.metadata.proposal.file import find_fields, find_title, propose_from_file, propose_with_limits
from ingest.metadata.proposal.file_evidence import ProposedValue

__all__ = ["ProposedValue", "find_fields", "find_title", "propose_from_file", "propose_with_limits"]
