"""Finds cited documents and sections that do not exist."""

from collections.abc import Iterator, Sequence
from difflib import get_close_matches

from eval.checks.case_problem import LocatedCase, Problem
from eval.checks.corpus_text import CorpusText
from eval.dataset.field_names import field_label

_CHECK = "cite"


def find_missing_sources(placed: Sequence[LocatedCase], corpora: Sequence[CorpusText]) -> Iterator[Problem]:
    """Yield the entries of `cite` that stand in none of `corpora`, all those that the cases are asked over.

    One question may be asked over two corpora whose headings differ: one of them has to have each entry.
    """
    for one in placed:
        for cite in one.case.cite:
            doc_id, _, section = cite.partition("#")
            if not any(corpus.has_document(doc_id) for corpus in corpora):
                yield one.problem(
                    _CHECK, f"{field_label(_CHECK)}の文書「{doc_id}」はありません。{_document_choices(corpora)}"
                )
            elif not any(corpus.has_section(doc_id, section) for corpus in corpora):
                yield one.problem(
                    _CHECK,
                    f"{field_label(_CHECK)}の「{cite}」という節はありません。{_section_hint(doc_id, section, corpora)}",
                )


def find_uncitable_cases(placed: Sequence[LocatedCase], corpora: Sequence[CorpusText]) -> Iterator[Problem]:
    """Yield the cases of which a corpus has no entry of `cite` at all: over that one no answer can be right."""
    for one in placed:
        for corpus in corpora:
            if one.case.cite and not any(corpus.has_section(*cite.split("#", 1)) for cite in one.case.cite):
                text = f"質問集 {'・'.join(corpus.of)} の文書には、{field_label(_CHECK)}の節が1つもありません。"
                yield one.problem(_CHECK, f"{text}その文書の節も書いてください。")


def _document_choices(corpora: Sequence[CorpusText]) -> str:
    ids = dict.fromkeys(document.id for corpus in corpora for document in corpus.documents)
    return f"次から選んでください: {'、'.join(ids)}。"


def _section_hint(doc_id: str, section: str, corpora: Sequence[CorpusText]) -> str:
    sections = dict.fromkeys(name for corpus in corpora for name in corpus.sections(doc_id))
    near = get_close_matches(section, sections, n=1, cutoff=0.4)
    listed = f"節の一覧は、検索の結果か python -m ingest show {doc_id} で見られます。"
    return f"「{near[0]}」ではありませんか。{listed}" if near else listed
