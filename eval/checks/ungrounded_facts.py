"""Finds expected facts that no document contains."""

from collections.abc import Iterator, Sequence

from eval.checks.case_problem import LocatedCase, Problem
from eval.checks.corpus_text import CorpusText
from eval.dataset.field_names import BEHAVIOURS, field_label
from eval.dataset.matching import contains_words

# A fact that has to be reckoned stands in no document; a case with this tag may ask for it.
RECKONED = "reckoned"


def find_ungrounded_facts(placed: Sequence[LocatedCase], corpora: Sequence[CorpusText]) -> Iterator[Problem]:
    """Yield each group of `must` of which no wording stands in a cited section, nor anywhere in a corpus.

    Cases tagged `reckoned` are left out.
    """
    for one in placed:
        if RECKONED in one.case.tags:
            continue
        for corpus in corpora:
            cited = _cited_text(one, corpus)
            for group in one.case.must:
                if not _contains_any(cited, group) and not _contains_any(corpus.whole, group):
                    yield one.problem("grounds", _ungrounded_message(group, corpus))


def _cited_text(one: LocatedCase, corpus: CorpusText) -> str:
    sections = (corpus.section_text(*cite.split("#", 1)) for cite in one.case.cite)
    return "\n".join(text for text in sections if text)


def _contains_any(text: str, group: Sequence[str]) -> bool:
    return any(contains_words(text, words) for words in group)


def _ungrounded_message(group: Sequence[str], corpus: CorpusText) -> str:
    return (
        f"{field_label('must')}の「{'」「'.join(group)}」は、質問集 {'・'.join(corpus.of)} の文書のどこにもありません。"
        "文書の書き方を1つ加えてください。"
        f"計算して出る答えなら{field_label('tags')}に reckoned を、"
        f"答えられない質問なら{field_label('behave')}を「{BEHAVIOURS['abstain']}」にしてください。"
    )
