"""Questions that are to be declined though the documents may answer them."""

from collections.abc import Iterator, Sequence

from eval.checks.corpus_text import CorpusText
from eval.checks.problem import Placed, Problem
from eval.dataset.field_names import named
from ingest.documents import Passage
from ingest.tokenise import words


def maybe_answerable(placed: Sequence[Placed], corpora: Sequence[CorpusText]) -> Iterator[Problem]:
    """Yield each case to abstain on of which one passage has every content word, unless its `note` says why not.

    That is how a question looks whose answer is written there; that it is not, only a reader of the passage can tell.
    """
    declined = [one for one in placed if one.case.behave == "abstain" and not one.case.note]
    passages = {passage.id: (passage, _words(passage)) for corpus in corpora for passage in corpus.passages}
    for one in declined if passages else ():
        asked = set(words(one.case.turns[-1]))
        holding = next((passage for passage, held in passages.values() if asked and asked <= held), None)
        if holding:
            text = (
                f"質問の言葉がすべて {holding.doc_id}#{holding.section} にあります。"
                f"答えが書かれていないことを確かめて、その理由を{named('note')}に書いてください。"
                "書かれているなら、behave を answer にしてください。"
            )
            yield one.problem("answerable", text)


def _words(passage: Passage) -> frozenset[str]:
    return frozenset(words("\n".join([*passage.path, passage.text, *passage.notes])))
