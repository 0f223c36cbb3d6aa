"""Finds errors in the cases before any question is asked."""

import sys
from argparse import Namespace
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path

from eval.checks.corpus_text import CorpusText, load_corpus_text, load_indexed_text
from eval.command import Measurement, command, paths_option
from eval.dataset.case import Case, read_case
from eval.dataset.case_labels import BEHAVIOUR_LABELS, KIND_DESCRIPTIONS, field_label
from eval.dataset.matching import contains_words
from eval.dataset.sets import CaseSet, case_file_sets, project_sets
from eval.errors import SetFileError
from eval.storage.numbered_lines import read_numbered_lines
from ingest.cli.command_line import one_of, option
from ingest.configuration.environment import read_settings
from ingest.configuration.settings import Settings


@dataclass(frozen=True, slots=True)
class CaseProblem:
    """A problem of the case `id` ("" if unreadable) at "file:line"; `text` says in Japanese how to mend it."""

    location: str
    id: str
    check: str
    text: str


Located = Sequence[tuple[str, Case]]
"""Cases, each after its location "file:line"."""


def find_duplicate_ids(cases: Located) -> Iterator[CaseProblem]:
    """Yield each case whose id an earlier case has."""
    first: dict[str, str] = {}
    for location, case in cases:
        earlier = first.setdefault(case.id, location)
        if earlier != location:
            text = f"id「{case.id}」は {earlier} でも使われています。別の id にしてください。"
            yield CaseProblem(location, case.id, "id", text)


def find_unknown_kinds(cases: Located) -> Iterator[CaseProblem]:
    """Yield each case whose kind is not one of `KIND_DESCRIPTIONS`."""
    for location, case in cases:
        if case.kind not in KIND_DESCRIPTIONS:
            similar = get_close_matches(case.kind, KIND_DESCRIPTIONS, n=1)
            choices = f"次から選んでください: {'、'.join(KIND_DESCRIPTIONS)}。"
            hint = f"「{similar[0]}」ではありませんか。" if similar else choices
            text = f"{field_label('kind')}「{case.kind}」は知りません。{hint}"
            yield CaseProblem(location, case.id, "kind", f"{text}新しい種類が要るときは、管理者に伝えてください。")


# Tag of cases that ask for a computed value, which no document contains.
COMPUTED_TAG = "reckoned"


def find_ungrounded_facts(cases: Located, corpora: Sequence[CorpusText]) -> Iterator[CaseProblem]:
    """Yield each group of `must` without any wording in a corpus, except of cases with the tag `COMPUTED_TAG`."""
    label, tags, behave = (field_label(field) for field in ("must", "tags", "behave"))
    advice = (
        "文書の書き方を1つ加えてください。"
        f"計算して出る答えなら{tags}に reckoned を、"
        f"答えられない質問なら{behave}を「{BEHAVIOUR_LABELS['abstain']}」にしてください。"
    )
    for location, case in cases:
        for corpus in corpora if COMPUTED_TAG not in case.tags else ():
            texts = corpus.cited_text(case.cite), corpus.full_text
            for group in case.must:
                if not any(contains_words(text, words) for text in texts for words in group):
                    sets = "・".join(corpus.set_names)
                    text = f"{label}の「{'」「'.join(group)}」は、質問集 {sets} の文書のどこにもありません。"
                    yield CaseProblem(location, case.id, "grounds", text + advice)


def find_missing_sources(cases: Located, corpora: Sequence[CorpusText]) -> Iterator[CaseProblem]:
    """Yield the entries of `cite` that are in none of `corpora`, whose headings may differ."""
    label = field_label("cite")
    for location, case in cases:
        for cite in case.cite:
            doc_id, _, section = cite.partition("#")
            if not any(corpus.has_document(doc_id) for corpus in corpora):
                ids = dict.fromkeys(document.id for corpus in corpora for document in corpus.documents)
                text = f"{label}の文書「{doc_id}」はありません。次から選んでください: {'、'.join(ids)}。"
                yield CaseProblem(location, case.id, "cite", text)
            elif not any(corpus.has_section(doc_id, section) for corpus in corpora):
                sections = dict.fromkeys(name for corpus in corpora for name in corpus.sections(doc_id))
                similar = get_close_matches(section, sections, n=1, cutoff=0.4)
                hint = f"「{similar[0]}」ではありませんか。" if similar else ""
                listed = f"節の一覧は、検索の結果か python -m ingest show {doc_id} で見られます。"
                text = f"{label}の「{cite}」という節はありません。{hint}{listed}"
                yield CaseProblem(location, case.id, "cite", text)


def find_case_problems(cases: Located, corpora: Sequence[CorpusText] = ()) -> list[CaseProblem]:
    """Return the problems of cases that are all asked over each of `corpora`; without any, of the cases alone."""
    problems = [*find_duplicate_ids(cases), *find_unknown_kinds(cases), *find_ungrounded_facts(cases, corpora)]
    return problems + list(find_missing_sources(cases, corpora) if corpora else ())


def check_sets(sets: Sequence[CaseSet], settings: Settings) -> tuple[int, list[CaseProblem], list[str]]:
    """Return the number of cases, their problems in file order, and the sets whose documents are not on this machine.

    Cases that several sets share are checked against the documents of all of them, those of a set without documents
    against the current index. Raises SetFileError for an unreadable file, ManifestError and UnreadableDocumentError.
    """
    all_cases: list[tuple[str, Case]] = []
    problems: list[CaseProblem] = []
    absent: list[str] = []
    by_files: dict[tuple[Path, ...], list[CaseSet]] = {}
    for case_set in sets:
        if case_set.in_our_format:
            by_files.setdefault(case_set.files, []).append(case_set)
    for files, sharing in by_files.items():
        cases: list[tuple[str, Case]] = []
        for location, line in (numbered for file in files for numbered in read_numbered_lines(file)):
            try:
                cases.append((location, read_case(line, location)))
            except SetFileError as error:
                problems.append(CaseProblem(location, "", "form", str(error).removeprefix(f"{location}: ")))
        loaded = {one.name: _load_corpus(one, settings) for one in sharing}
        absent += [name for name, corpus in loaded.items() if corpus is None]
        # A source that the documents here lack may be in those that are not here.
        corpora = [] if None in loaded.values() else [corpus for corpus in loaded.values() if corpus]
        problems += find_case_problems(cases, corpora)
        all_cases += cases
    if sets and not all_cases and not problems:
        raise SetFileError("評価の問いが1つもありません。--cases に問いのファイル(*.jsonl)を指定してください。")
    unique = dict.fromkeys([*problems, *find_duplicate_ids(all_cases)])
    return len(all_cases), sorted(unique, key=lambda problem: _file_and_line(problem.location)), absent


def _load_corpus(case_set: CaseSet, settings: Settings) -> CorpusText | None:
    if not case_set.corpora:
        return load_indexed_text([case_set.name], settings)
    return load_corpus_text([case_set.name], case_set.corpora) if case_set.is_available else None


def _file_and_line(location: str) -> tuple[Path, int]:
    file, _, line = location.rpartition(":")
    return Path(file), int(line)


@command(
    "check",
    "評価の問いの誤りを、尋ねる前に調べる",
    one_of(
        paths_option("--cases", "FILE", "問いのファイル(*.jsonl)"),
        option("--set", action="append", default=[], metavar="NAME", help="質問集の名前(既定: すべて)"),
    ),
    paths_option("--corpus", "DIR", "問いが尋ねる文書(既定: 質問集ごとの文書。--cases では corpus/)"),
)
def check(options: Namespace) -> Measurement:
    """Find the problems of case files; exit status 1 if there are any."""
    settings = read_settings()
    sets = project_sets(options.set, settings)
    if options.cases:
        sets = case_file_sets(options.cases, (settings.corpus,))
    if options.corpus:
        sets = tuple(replace(case_set, corpora=tuple(options.corpus)) for case_set in sets)
    n, problems, absent = check_sets(sets, settings)
    for name in absent:
        sys.stderr.write(f"質問集「{name}」の文書がこの環境にないので、問いは文書と照らし合わせていません。\n")
    listed = [
        {"file": str(file), "line": line, "id": problem.id, "check": problem.check, "problem": problem.text}
        for problem in problems
        for file, line in [_file_and_line(problem.location)]
    ]
    found = [f"{problem.location} {problem.id}: {problem.text}" for problem in problems]
    return Measurement(
        {"n": n, "problems": listed, "skipped": absent},
        show=lambda console: console.print(f"問い {n} 件を調べました。"),
        shortfalls=found,
    )
