"""What a word means, where no document tells it: that is said first, then what the documents say of the thing."""

import re
from collections.abc import Sequence
from dataclasses import replace

from bot.answer import Status
from bot.compose.corpus import Corpus
from bot.compose.sentence import say
from bot.compose.statement import assemble
from bot.find.evidence import Evidence, topic_of
from bot.find.gloss import general_meaning, is_loan, word_asked
from bot.find.sought import Sought
from bot.find.weigh import Weighed
from bot.turn import Draft

# What stands behind a word that a piece explains or is about: Xは, X: …, X(…), 「X」では.
_TOLD = r"[」』】]?\s?(?:とは|は|では|には|について|が[、で]|[:：(（＝=]|\s\S)"
# … where it is a definition.
_DEFINED = (
    r"[」』】*]*(?:\s?とは|(?:は|では|[:：]|\s)[^。\n]{4,90}"
    r"(?:をいい|をいう|を指し|を指す|のこと|もの(?:です|である|。)))"
)
# … and behind one that is only mentioned in passing, by itself and not as a part of a longer name.
_ALONE = r"[」』]?(?:[のをにがでとへや、。]|による|など)"


def meaning(sought: Sought, fitting: Sequence[Weighed], corpus: Corpus) -> Draft | None:
    """Say that the word is not explained, and what is said of it; None where a piece explains it, or none is asked.

    What it means in general is told with it, where that is known, and marked as no word of the documents.
    """
    word = word_asked(sought.asked.text)
    if not word or sought.scope.named or any(word in d.title for d in corpus.documents if d.title.endswith(word)):
        return None
    general = general_meaning(word)
    own = bool(general) and is_loan(word)
    if any(_has(w.evidence, word, _DEFINED if own else _TOLD) for w in fitting):
        return None
    absent = f"「{word}」の意味は、登録されている文書には書かれていません。{general}"
    plain = [w.evidence for w in fitting if w.evidence.kind in {"sentence", "item"}]
    best = next((e for e in plain if _has(e, word, _ALONE) or (own and word in e.normal)), None)
    if best is None:
        return Draft(absent, status=Status.NO_ANSWER) if own else None
    said = assemble([say(best)], topic=topic_of(best), status=Status.PARTIAL)
    return replace(said, text=f"{absent}\n{said.text}")


def _has(evidence: Evidence, word: str, behind: str) -> bool:
    text = "\n".join((evidence.normal, evidence.lead, *evidence.passage.path[-2:]))
    return bool(
        re.search(rf"(?<![A-Za-zァ-ヶー一-龥]){re.escape(word)}(?:{behind}|$)", text, re.IGNORECASE | re.MULTILINE)
    )
