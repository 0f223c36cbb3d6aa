"""Whose words an answer gives: a replaced document is named as such, 本計画 is called by its title."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from bot.turn import Draft
from bot.validity import superseded_by
from ingest.documents import Document

EARLIER = "以前の"
"""How an answer begins that is of a document that has been replaced."""
_THIS_PLAN = re.compile(r"(?<![一-龥「『])本(?:計画|プラン|戦略|指針|方針|ビジョン)(?![一-龥])")
_VERDICT = re.compile(r"^(?:はい|いいえ)、")
_ABSENT = re.compile(r"[^\n\[]*書かれていません。[^\n\[]*\n")
_QUOTED = re.compile(r"「[^「」]*(?:「[^「」]*」[^「」]*)*」")
# A shorter name may stand in a text by chance.
_SHORTEST_NAME = 4


def in_time(draft: Draft, documents: Sequence[Document], as_of: date) -> Draft:
    """Return the draft with its document called by name, and told to be an earlier one where it is replaced."""
    cited = {source.passage.doc_id for source in draft.sources}
    found = [d for d in documents if d.id in cited]
    old = [d for d in found if superseded_by(d, as_of, documents)]
    text = _named(draft.text, found[0]) if len(found) == 1 else draft.text
    if len(found) == 1 and old:
        text = _as_earlier(text, old[0])
    for document in old if len(found) > 1 else ():
        text = text.replace(f"【{document.title}】", f"【{document.title}】（以前の{_kind(document)}）")
    return replace(draft, text=text)


def _named(text: str, document: Document) -> str:
    """Return the text with the first 本計画 outside quotes as the document's title."""
    quotes = [match.span() for match in _QUOTED.finditer(text)]
    for match in _THIS_PLAN.finditer(text):
        if not any(start <= match.start() < end for start, end in quotes):
            return f"{text[: match.start()]}{document.title}{text[match.end() :]}"
    return text


def _as_earlier(text: str, document: Document) -> str:
    """Put before the text that it is what an earlier document says; yes and no stay first."""
    names = (document.title, *document.aliases)
    named = any(len(name) >= _SHORTEST_NAME and name in text for name in names)
    called = f"{EARLIER}{_kind(document)}では、" if named else f"{EARLIER}{_kind(document)}「{document.title}」では、"
    # That no document tells something is said by none of them.
    verdict = _VERDICT.match(text) or _ABSENT.match(text)
    at = verdict.end() if verdict else 0
    return f"{text[:at]}{called}{text[at:]}"


def _kind(document: Document) -> str:
    return "計画" if document.kind == "plan" else "文書"
