"""Puts the office's reply before a council member's question in minutes (decision 022).

A citizen's words often match the member's question, and the reply (研究してまいりたい) hardly repeats them.
"""

import re
from dataclasses import replace
from itertools import dropwhile, takewhile

from bot.guardrails.prompt_injection import has_injection
from bot.question.query import AnswerType, Query
from bot.relevance.adjustments.ranking import Ranking
from ingest.documents import Passage
from ingest.japanese import nfkc
from ingest.japanese.interrogatives import WHO
from ingest.japanese.tokenise import words
from ingest.structure.speeches import is_question_section

# Words of questions about what a member said.
_ABOUT_MEMBER = re.compile(rf"議員|委員|質問|質疑|提案|要望|意見|主張|指摘|{WHO}")
# Words of questions about what the office thinks or does.
_ABOUT_OFFICE = re.compile(
    r"[市町村区県](?:は|として)|[市町村区県]の(?:考え|見解|方針|対応|姿勢|答)|どう(?:考え|答え|する)"
)
# The share of the term weight of the member's passage that the reply must have too, because one speech may ask about
# several subjects (decision 022).
_MIN_SHARE = 0.4
# Phrases of a member who asks, as opposed to one who sums up a reply.
_ASKING = re.compile(r"伺|(?:お示し|お聞かせ|お尋ね|お答え|見解)|でしょうか|(?:です|ます)か[。?]|教えて")


def place_council_reply(ranking: Ranking, query: Query) -> Ranking:
    """Put the office's reply before a member's question that ranks first.

    Only where the question asks what the office thinks or does, or whether it does something.
    """
    question = ranking.passages[0].hit.passage
    about_office = query.answer_type is AnswerType.BOOLEAN or _ABOUT_OFFICE.search(query.text)
    if not is_question_section(question.path) or not about_office or _ABOUT_MEMBER.search(query.text):
        return ranking
    min_weight = _MIN_SHARE * _term_weight(question, query)
    replies = [
        ranking.as_scored(passage)
        for passage in _find_replies(question, ranking)
        if _term_weight(passage, query) >= min_weight and not has_injection(passage)
    ]
    if not replies:
        return ranking
    reply = max(replies, key=lambda scored: (scored.probability, _term_weight(scored.hit.passage, query)))
    others = (scored for scored in ranking.passages if scored.hit.passage.id != reply.hit.passage.id)
    return replace(ranking, passages=(reply, *others))


def _find_replies(question: Passage, ranking: Ranking) -> list[Passage]:
    """Return the office's next speech after a passage that asks, or its last speech before one that does not."""
    passages = list(ranking.catalogue.passages_of(question.doc_id))
    position = next((n for n, passage in enumerate(passages) if passage.id == question.id), len(passages))
    following = passages[position + 1 :] if _ASKING.search(question.text) else passages[:position][::-1]
    return [*takewhile(_is_reply, dropwhile(_is_question, following))]


def _is_question(passage: Passage) -> bool:
    return is_question_section(passage.path)


def _is_reply(passage: Passage) -> bool:
    return not is_question_section(passage.path)


def _term_weight(passage: Passage, query: Query) -> float:
    """Return the weight of the question's terms that a passage and its headings have."""
    own = {*words(nfkc("\n".join((*passage.path, passage.text))))}
    return sum(term.weight for term in query.terms if term.text in own)
