"""What an entry of the manifest could say, proposed from the file itself: each value with where it was read.

What is proposed for a whole folder stands in `folder` and `written`: they read manifests, which read titles here.
"""

from ingest.proposal.file import of_file, propose_apart, title_of
from ingest.proposal.value import Value

__all__ = ["Value", "of_file", "propose_apart", "title_of"]
