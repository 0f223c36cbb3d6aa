"""Puts the office's reply before a council member's question in minutes.

Words of a question are often those of who asks, and the reply (研究してまいりたい) hardly repeats them.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from itertools import dropwhile, takewhile

from bot.guardrails.prompt_injection import has_injection
from bot.question.query import AnswerType, Query
from bot.state import Hit, ScoredPassage
from ingest.documents import Passage
from ingest.japanese import nfkc
from ingest.japanese.tokenise import words
from ingest.structure.speeches import is_question_section

# Who asks for what a member said means the question itself.
_OF_ASKER = re.compile(r"議員|委員|質問|質疑|提案|要望|意見|主張|指摘|だれ|誰")
# What the office thinks or does is asked of it; whether something is done or holds (やるのですか) it decides.
_OF_OFFICE = re.compile(
    r"[市町村区県](?:は|として)|[市町村区県]の(?:考え|見解|方針|対応|姿勢|答)|どう(?:考え|答え|する)"
)
# The share of what the question's words weigh in the member's passage that the reply has too, at least: one speech may
# ask of several things, of which the reply takes up others (decision 022).
_SHARE = 0.4
# What a member says who asks, and does not only thank for a reply, and sum it up.
_ASKING = re.compile(r"伺|(?:お示し|お聞かせ|お尋ね|お答え|見解)|でしょうか|(?:です|ます)か[。?]|教えて")


class CouncilReplies:
    """Puts the reply before a member's question that was chosen first; safe to share between threads."""

    def __init__(self, of_document: Callable[[str], Iterable[Passage]]) -> None:
        self._of_document = of_document

    def __call__(self, chosen: list[ScoredPassage], read: Sequence[ScoredPassage], query: Query) -> list[ScoredPassage]:
        """Return what was chosen, the reply first where there is one to the subject of what is asked."""
        asked = chosen[0].hit.passage
        of_office = query.answer_type is AnswerType.BOOLEAN or _OF_OFFICE.search(query.text)
        if not is_question_section(asked.path) or not of_office or _OF_ASKER.search(query.text):
            return chosen
        known = {one.hit.passage.id: one for one in read}
        least = _SHARE * _weight(asked, query)
        replies = [
            known.get(one.id) or ScoredPassage(Hit(one, 0.0), 0.0, ())
            for one in self._find_replies(asked)
            if _weight(one, query) >= least and not has_injection(one)
        ]
        if not replies:
            return chosen
        first = max(replies, key=lambda one: (one.probability, _weight(one.hit.passage, query)))
        return [first, *(one for one in chosen if one.hit.passage.id != first.hit.passage.id)]

    def _find_replies(self, asked: Passage) -> list[Passage]:
        """Return what offices say next behind a passage that asks, or last before one that does not."""
        passages = list(self._of_document(asked.doc_id))
        at = next((n for n, one in enumerate(passages) if one.id == asked.id), len(passages))
        on = passages[at + 1 :] if _ASKING.search(asked.text) else passages[:at][::-1]
        return [*takewhile(_is_reply, dropwhile(_is_question, on))]


def _is_question(passage: Passage) -> bool:
    return is_question_section(passage.path)


def _is_reply(passage: Passage) -> bool:
    return not is_question_section(passage.path)


def _weight(passage: Passage, query: Query) -> float:
    """Return what the question's words weigh that a passage and its headings have."""
    had = {*words(nfkc("\n".join((*passage.path, passage.text))))}
    return sum(term.weight for term in query.terms if term.text in had)
