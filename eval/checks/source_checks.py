"""Checks of the cases against the documents: facts, sources, and questions to decline."""

from collections.abc import Iterator, Sequence
from difflib import get_close_matches

from eval.checks.corpus_text import CorpusText
from eval.checks.located_cases import CaseProblem, LocatedCase
from eval.dataset.case_labels import BEHAVIOUR_LABELS, field_label
from eval.dataset.matching import contains_words
from ingest.documents import Passage
from ingest.japanese.tokenise import words

_CHECK = "cite"


def find_missing_sources(cases: Sequence[LocatedCase], corpora: Sequence[CorpusText]) -> Iterator[CaseProblem]:
    """Yield the entries of `cite` that are in none of `corpora`.

    A question may be asked over two corpora with different headings; each entry has to be in one of them.
    """
    for located in cases:
        for cite in located.case.cite:
            doc_id, _, section = cite.partition("#")
            if not any(corpus.has_document(doc_id) for corpus in corpora):
                yield located.problem(
                    _CHECK, f"{field_label(_CHECK)}の文書「{doc_id}」はありません。{_document_choices(corpora)}"
                )
            elif not any(corpus.has_section(doc_id, section) for corpus in corpora):
                yield located.problem(
                    _CHECK,
                    f"{field_label(_CHECK)}の「{cite}」という節はありません。{_section_hint(doc_id, section, corpora)}",
                )


def find_uncitable_cases(cases: Sequence[LocatedCase], corpora: Sequence[CorpusText]) -> Iterator[CaseProblem]:
    """Yield the cases for which a corpus has no entry of `cite`: no answer from it can pass."""
    for located in cases:
        for corpus in corpora:
            if located.case.cite and not any(corpus.has_section(*cite.split("#", 1)) for cite in located.case.cite):
                text = f"質問集 {'・'.join(corpus.set_names)} の文書には、{field_label(_CHECK)}の節が1つもありません。"
                yield located.problem(_CHECK, f"{text}その文書の節も書いてください。")


def _document_choices(corpora: Sequence[CorpusText]) -> str:
    ids = dict.fromkeys(document.id for corpus in corpora for document in corpus.documents)
    return f"次から選んでください: {'、'.join(ids)}。"


def _section_hint(doc_id: str, section: str, corpora: Sequence[CorpusText]) -> str:
    sections = dict.fromkeys(name for corpus in corpora for name in corpus.sections(doc_id))
    similar = get_close_matches(section, sections, n=1, cutoff=0.4)
    listed = f"節の一覧は、検索の結果か python -m ingest show {doc_id} で見られます。"
    return f"「{similar[0]}」ではありませんか。{listed}" if similar else listed


# Tag of cases that ask for a computed value, which no document contains.
COMPUTED_TAG = "reckoned"


def find_ungrounded_facts(cases: Sequence[LocatedCase], corpora: Sequence[CorpusText]) -> Iterator[CaseProblem]:
    """Yield each group of `must` without any wording in a corpus.

    Cases with the tag `COMPUTED_TAG` are skipped.
    """
    for located in cases:
        if COMPUTED_TAG in located.case.tags:
            continue
        for corpus in corpora:
            cited = _cited_text(located, corpus)
            for group in located.case.must:
                if not _contains_any(cited, group) and not _contains_any(corpus.full_text, group):
                    yield located.problem("grounds", _ungrounded_message(group, corpus))


def _cited_text(located: LocatedCase, corpus: CorpusText) -> str:
    sections = (corpus.section_text(*cite.split("#", 1)) for cite in located.case.cite)
    return "\n".join(text for text in sections if text)


def _contains_any(text: str, group: Sequence[str]) -> bool:
    return any(contains_words(text, words) for words in group)


def _ungrounded_message(group: Sequence[str], corpus: CorpusText) -> str:
    sets = "・".join(corpus.set_names)
    return (
        f"{field_label('must')}の「{'」「'.join(group)}」は、質問集 {sets} の文書のどこにもありません。"
        "文書の書き方を1つ加えてください。"
        f"計算して出る答えなら{field_label('tags')}に reckoned を、"
        f"答えられない質問なら{field_label('behave')}を「{BEHAVIOUR_LABELS['abstain']}」にしてください。"
    )


def find_possibly_answerable(cases: Sequence[LocatedCase], corpora: Sequence[CorpusText]) -> Iterator[CaseProblem]:
    """Yield each case to abstain on for which one passage contains every content word.

    Such a question is often answered there. A `note` states that somebody checked it.
    """
    unexplained = [located for located in cases if located.case.behave == "abstain" and not located.case.note]
    words_by_passage = [(passage, _passage_words(passage)) for corpus in corpora for passage in corpus.passages]
    for located in unexplained:
        question_words = set(words(located.case.turns[-1]))
        matches = (passage for passage, words_there in words_by_passage if question_words <= words_there)
        matching = next(matches, None) if question_words else None
        if matching:
            text = (
                f"質問の言葉がすべて {matching.doc_id}#{matching.section} にあります。"
                f"答えが書かれていないことを確かめて、その理由を{field_label('note')}に書いてください。"
                "書かれているなら、behave を answer にしてください。"
            )
            yield located.problem("answerable", text)


def _passage_words(passage: Passage) -> frozenset[str]:
    return frozenset(words("\n".join([*passage.path, passage.text, *passage.notes])))
