"""Facts that are asked for and that no document tells."""

from collections.abc import Iterator, Sequence

from eval.checks.corpus_text import CorpusText
from eval.checks.problem import Placed, Problem
from eval.dataset.field_names import BEHAVIOURS, named
from eval.dataset.matching import holds

# A fact that has to be reckoned stands in no document; a case with this tag may ask for it.
RECKONED = "reckoned"


def ungrounded(placed: Sequence[Placed], corpora: Sequence[CorpusText]) -> Iterator[Problem]:
    """Yield each group of `must` of which no wording stands in a cited section, nor anywhere in a corpus.

    Cases tagged `reckoned` are left out.
    """
    for one in placed:
        if RECKONED in one.case.tags:
            continue
        for corpus in corpora:
            cited = _cited(one, corpus)
            for group in one.case.must:
                if not _holds_one(cited, group) and not _holds_one(corpus.whole, group):
                    yield one.problem("grounds", _told(group, corpus))


def _cited(one: Placed, corpus: CorpusText) -> str:
    sections = (corpus.section_text(*cite.split("#", 1)) for cite in one.case.cite)
    return "\n".join(text for text in sections if text)


def _holds_one(text: str, group: Sequence[str]) -> bool:
    return any(holds(text, words) for words in group)


def _told(group: Sequence[str], corpus: CorpusText) -> str:
    return (
        f"{named('must')}の「{'」「'.join(group)}」は、質問集 {'・'.join(corpus.of)} の文書のどこにもありません。"
        "文書の書き方を1つ加えてください。"
        f"計算して出る答えなら{named('tags')}に reckoned を、"
        f"答えられない質問なら{named('behave')}を「{BEHAVIOURS['abstain']}」にしてください。"
    )
