"""Finds cases that expect no answer although a passage has all words of the question."""

from collections.abc import Iterator, Sequence

from eval.checks.case_problem import LocatedCase, Problem
from eval.checks.corpus_text import CorpusText
from eval.dataset.field_names import field_label
from ingest.documents import Passage
from ingest.japanese.tokenise import words


def find_possibly_answerable(placed: Sequence[LocatedCase], corpora: Sequence[CorpusText]) -> Iterator[Problem]:
    """Yield each case to abstain on of which one passage has every content word, unless its `note` says why not.

    That is how a question looks whose answer is written there; that it is not, only a reader of the passage can tell.
    """
    declined = [one for one in placed if one.case.behave == "abstain" and not one.case.note]
    passages = {passage.id: (passage, _passage_words(passage)) for corpus in corpora for passage in corpus.passages}
    for one in declined if passages else ():
        asked = set(words(one.case.turns[-1]))
        holding = next((passage for passage, held in passages.values() if asked and asked <= held), None)
        if holding:
            text = (
                f"質問の言葉がすべて {holding.doc_id}#{holding.section} にあります。"
                f"答えが書かれていないことを確かめて、その理由を{field_label('note')}に書いてください。"
                "書かれているなら、behave を answer にしてください。"
            )
            yield one.problem("answerable", text)


def _passage_words(passage: Passage) -> frozenset[str]:
    return frozenset(words("\n".join([*passage.path, passage.text, *passage.notes])))
