"""What a term counts for by the words that documents have for it where people say it otherwise (お店 for 事業者)."""

from collections.abc import Callable

from bot.find.evidence import Evidence, content_terms_cached
from bot.understand.asked import Term

# Share of what the word itself would count for: more than likeness gives, less than the word (.9 gives as many right
# answers and more wrong ones; eval/LOG.md, 2026-11-20).
_SHARE = 0.75


def stand_in(term: Term, evidence: Evidence, covers: Callable[[str], float]) -> float:
    """Return what `term` counts for by the best of its meanings all of whose words the passage holds, 0 without any."""
    if not term.meanings:
        return 0.0
    text, headings = content_terms_cached(evidence.passage.text), content_terms_cached(" ".join(evidence.passage.path))
    held = (meaning for meaning in term.meanings if all(word in text or word in headings for word in meaning))
    return _SHARE * max((min(map(covers, meaning)) for meaning in held), default=0.0)
