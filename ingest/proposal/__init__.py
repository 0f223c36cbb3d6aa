"""What an entry of the manifest could say, proposed from the file itself: each value with where it was read.

What is proposed for a whole folder stands in `folder` and `written`.
"""

from ingest.proposal.file import made_title, of_file, propose_apart
from ingest.proposal.value import Value

__all__ = ["Value", "made_title", "of_file", "propose_apart"]
