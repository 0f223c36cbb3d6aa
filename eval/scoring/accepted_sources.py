"""Checks whether a case accepts a section as source."""

from eval.dataset.case import Case
from eval.dataset.matching import is_same_section

# Written instead of a heading; it accepts any section of the document.
_ANY = "*"


def accepts_source(case: Case, doc_id: str, section: str) -> bool:
    """Tell whether the case accepts this section as a source; False if it names none."""
    return matching_citation(case, doc_id, section) is not None


def matching_citation(case: Case, doc_id: str, section: str) -> str | None:
    """Return the entry of `cite` that matches this section, or None."""
    for cite in case.cite:
        document, _, heading = cite.partition("#")
        if document == doc_id and (heading == _ANY or is_same_section(heading, section)):
            return cite
    return None
