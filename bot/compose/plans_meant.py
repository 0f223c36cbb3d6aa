"""Which plans a question about plans as a whole means: named, by age, by words of their titles, those in force."""

import re
from collections.abc import Sequence

from bot.find.evidence import content_terms_cached
from bot.find.sought import Sought
from bot.understand.of_plan import PLAN, beside
from ingest.documents import Document

_NEWEST = re.compile(r"新し|あたらし|新計画|新プラン|最新")
_NOW = re.compile(r"有効|現行|適用|使われ|今|いま|現在")


def plans_meant(sought: Sought, documents: Sequence[Document], *, every: bool = False) -> list[Document]:
    """Return the plans that the question means, oldest first; none where it names anything besides a plan.

    A plan is a document with a period. With `every` all are meant where the question tells no age.
    """
    asked, scope = sought.asked, sought.scope
    if not scope.consumed and not PLAN.search(asked.text):
        return []
    plans = [d for d in documents if d.period and (d.kind == "plan" or d.id in scope.preferred)]
    rest = beside(t.text for t in sought.terms if t.is_strong) | (
        frozenset() if scope.named else sought.documents_named
    )
    found = [d for d in plans if rest <= _words(d) and (d.id in scope.named or not scope.named)]
    if not scope.named and _NEWEST.search(asked.text):
        found = [d for d in found if not any(d.id in other.supersedes for other in found)]
    elif not scope.named and not (every and not asked.ages and not _NOW.search(asked.text)):
        found = [d for d in found if d.id in scope.preferred]
    return sorted(found, key=lambda d: d.published)


def _words(document: Document) -> frozenset[str]:
    return content_terms_cached(" ".join((document.title, *document.aliases)))
