"""Finds errors in the cases before any question is asked."""

import re
import sys
from argparse import Namespace
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from eval.command import BELOW_QUALITY, DONE, command, emit, one_of, option, paths_option
from eval.dataset.case import Case, read_case
from eval.dataset.case_labels import BEHAVIOUR_LABELS, KIND_DESCRIPTIONS, field_label
from eval.dataset.matching import canonical_heading, canonical_text, contains_words
from eval.dataset.sets import CaseSet, project_sets
from eval.errors import SetFileError
from eval.storage.numbered_lines import read_numbered_lines
from ingest.chunking.document_reading import read_document
from ingest.configuration.environment import read_settings
from ingest.configuration.settings import Settings
from ingest.documents import Document, Passage
from ingest.errors import NoIndexError
from ingest.index.document_edits import load_edited_documents
from ingest.japanese import nfkc
from ingest.japanese.tokenise import words
from ingest.lifecycle.withdrawals import read_withdrawals
from ingest.metadata.manifest import read_corpus
from ingest.readers import read_lines


@dataclass(frozen=True, slots=True)
class CaseProblem:
    """A problem of a case file.

    Attributes:
        location: "file:line".
        id: the case; "" if it cannot be read.
        check: the name of the check.
        text: what is wrong and how to mend it, in Japanese.
    """

    location: str
    id: str
    check: str
    text: str


@dataclass(frozen=True, slots=True)
class LocatedCase:
    """A case with its location "file:line"."""

    location: str
    case: Case

    def problem(self, check: str, text: str) -> CaseProblem:
        """Return a problem of this case."""
        return CaseProblem(self.location, self.case.id, check, text)


def read_located_cases(files: Iterable[Path]) -> tuple[list[LocatedCase], list[CaseProblem]]:
    """Return the cases of `files`, and a problem for each invalid line.

    Raises SetFileError if a file cannot be read or there are no cases.
    """
    located: list[LocatedCase] = []
    problems: list[CaseProblem] = []
    for location, line in (numbered for file in files for numbered in read_numbered_lines(file)):
        try:
            located.append(LocatedCase(location, read_case(line, location)))
        except SetFileError as error:
            problems.append(CaseProblem(location, "", "form", str(error).removeprefix(f"{location}: ")))
    if not located and not problems:
        raise SetFileError("評価の問いが1つもありません。--cases に問いのファイル(*.jsonl)を指定してください。")
    return located, problems


@dataclass(frozen=True)
class CorpusText:
    """The text of documents.

    Attributes:
        set_names: the sets of cases about them.
        lines: the canonical lines by document.
    """

    set_names: tuple[str, ...]
    documents: tuple[Document, ...]
    passages: tuple[Passage, ...]
    lines: Mapping[str, frozenset[str]]

    def has_document(self, doc_id: str) -> bool:
        """Whether a document has this id."""
        return any(document.id == doc_id for document in self.documents)

    def sections(self, doc_id: str) -> list[str]:
        """Return the headings that a citation of this document may name, in order."""
        return list(dict.fromkeys(passage.section for passage in self.passages if passage.doc_id == doc_id))

    def has_section(self, doc_id: str, section: str) -> bool:
        """Whether this line is in the document, as a heading or as text that another reader may take for one."""
        return (
            canonical_heading(section) in self.lines.get(doc_id, ())
            or (doc_id, canonical_heading(section)) in self._by_section
        )

    def section_text(self, doc_id: str, section: str) -> str | None:
        """Return the text under a heading with all headings above it; None without such a heading."""
        passages = self._by_section.get((doc_id, canonical_heading(section)))
        return "\n".join(map(_passage_text, passages)) if passages else None

    @cached_property
    def full_text(self) -> str:
        """All text, with title, issuer, date and period of each document."""
        return "\n".join([*map(_document_text, self.documents), *map(_passage_text, self.passages)])

    @cached_property
    def _by_section(self) -> dict[tuple[str, str], list[Passage]]:
        by_section: dict[tuple[str, str], list[Passage]] = {}
        for passage in self.passages:
            for heading in dict.fromkeys(map(canonical_heading, passage.path)):
                by_section.setdefault((passage.doc_id, heading), []).append(passage)
        return by_section


def load_corpus_text(sets: Sequence[str], folders: Sequence[Path]) -> CorpusText:
    """Read the documents in `folders`, which belong to these sets.

    Raises ManifestError for a broken manifest, UnreadableDocumentError for a document that cannot be read.
    """
    entries = read_corpus(*folders).entries
    passages = (passage for entry in entries for passage in read_document(entry.path, entry.document).passages)
    lines = {
        entry.document.id: frozenset(canonical_heading(line.text) for line in read_lines(entry.path))
        for entry in entries
    }
    return CorpusText(tuple(sets), tuple(entry.document for entry in entries), tuple(passages), lines)


def load_indexed_text(sets: Sequence[str], settings: Settings) -> CorpusText | None:
    """Return the text of the current index, for these sets; None without an index.

    Documents added one at a time are included, withdrawn ones are not.
    """
    try:
        documents = load_edited_documents(settings).items
    except NoIndexError:
        return None
    withdrawn = read_withdrawals(settings)
    readings = [edited.load() for edited in documents if edited.document.id not in withdrawn]
    passages = tuple(passage for reading in readings for passage in reading.passages)
    lines: dict[str, frozenset[str]] = {
        reading.document.id: frozenset(
            canonical_heading(line) for passage in reading.passages for line in passage.text.splitlines()
        )
        for reading in readings
    }
    return CorpusText(tuple(sets), tuple(reading.document for reading in readings), passages, lines)


def _passage_text(passage: Passage) -> str:
    cells = [f"{cell.column} {cell.value}" for cell in passage.cells]
    return "\n".join([*passage.path, passage.text, *cells, *passage.notes])


def _document_text(document: Document) -> str:
    days = [document.period.start, document.period.end] if document.period else []
    return "\n".join([document.title, document.issuer, document.published, *(day.isoformat() for day in days)])


def find_duplicate_ids(cases: Sequence[LocatedCase]) -> Iterator[CaseProblem]:
    """Yield each case whose id an earlier case has."""
    first: dict[str, str] = {}
    for located in cases:
        first_location = first.setdefault(located.case.id, located.location)
        if first_location != located.location:
            yield located.problem(
                "id", f"id「{located.case.id}」は {first_location} でも使われています。別の id にしてください。"
            )


def find_unknown_kinds(cases: Sequence[LocatedCase]) -> Iterator[CaseProblem]:
    """Yield each case whose kind is not one of `KIND_DESCRIPTIONS`."""
    for located in cases:
        if located.case.kind not in KIND_DESCRIPTIONS:
            similar = get_close_matches(located.case.kind, KIND_DESCRIPTIONS, n=1)
            choices = f"次から選んでください: {'、'.join(KIND_DESCRIPTIONS)}。"
            hint = f"「{similar[0]}」ではありませんか。" if similar else choices
            text = f"{field_label('kind')}「{located.case.kind}」は知りません。{hint}"
            yield located.problem("kind", f"{text}新しい種類が要るときは、管理者に伝えてください。")


_MARKS = re.compile(r"[\s。、.,!?・]")


def find_duplicate_questions(cases: Sequence[LocatedCase]) -> Iterator[CaseProblem]:
    """Yield each case with the same turns, day, style and audience as an earlier one."""
    first: dict[Hashable, LocatedCase] = {}
    for located in cases:
        earlier = first.setdefault(_question_key(located.case), located)
        if earlier is not located:
            same = _expectation_key(earlier.case) == _expectation_key(located.case)
            advice = "一方を消してください。" if same else "求める答えが違います。正しい方だけを残してください。"
            yield located.problem("asked_twice", f"{earlier.location} の「{earlier.case.id}」と同じ質問です。{advice}")


def _question_key(case: Case) -> Hashable:
    turns = tuple(_MARKS.sub("", nfkc(turn)).casefold() for turn in case.turns)
    return turns, case.as_of, case.style, case.audience


def _expectation_key(case: Case) -> Hashable:
    return case.behave, case.must, case.must_not, case.cite


def find_redundant_words(cases: Sequence[LocatedCase]) -> Iterator[CaseProblem]:
    """Yield the words of `must` and `must_not` that can never match, or that another word makes redundant.

    An answer that contains 148施策 also contains 148, so as alternatives the longer one has no effect, and the shorter
    one may be looser than intended.
    """
    for located in cases:
        groups = [("must", group) for group in located.case.must] + [("must_not", located.case.must_not)]
        for field, wordings in groups:
            yield from (_blank_word_problem(located, field, word) for word in wordings if not canonical_text(word))
            yield from _find_redundant(located, field, [word for word in wordings if canonical_text(word)])
        yield from _find_contradictory(located)


def _blank_word_problem(located: LocatedCase, field: str, word: str) -> CaseProblem:
    return located.problem(
        "alternatives", f"{field_label(field)}の「{word}」は空白だけなので、決して当たりません。消してください。"
    )


def _find_redundant(located: LocatedCase, field: str, words: Sequence[str]) -> Iterator[CaseProblem]:
    for index, word in enumerate(words):
        # Only the later of two equal words is reported.
        later = (other for other in words[index + 1 :] if not contains_words(other, word))
        others = [*words[:index], *later]
        if contained := next((other for other in others if contains_words(word, other)), None):
            mend = f"「{word}」を消すか、「{contained}」を消して狭めてください。"
            yield located.problem(
                "alternatives", f"{field_label(field)}の「{word}」は「{contained}」があるので要りません。{mend}"
            )


def _find_contradictory(located: LocatedCase) -> Iterator[CaseProblem]:
    for group in located.case.must:
        for word in group:
            forbidden = (words for words in located.case.must_not if canonical_text(words))
            if conflict := next((words for words in forbidden if contains_words(word, words)), None):
                must = field_label("must")
                must_not = field_label("must_not")
                text = f"{must}の「{word}」は、{must_not}の「{conflict}」を含むので、言えば必ず落ちます。"
                yield located.problem("alternatives", f"{text}どちらかを直してください。")


def find_missing_sources(cases: Sequence[LocatedCase], corpora: Sequence[CorpusText]) -> Iterator[CaseProblem]:
    """Yield the entries of `cite` that are in none of `corpora`.

    A question may be asked over two corpora with different headings; each entry has to be in one of them.
    """
    for located in cases:
        for cite in located.case.cite:
            doc_id, _, section = cite.partition("#")
            if not any(corpus.has_document(doc_id) for corpus in corpora):
                yield located.problem(
                    "cite", f"{field_label('cite')}の文書「{doc_id}」はありません。{_document_choices(corpora)}"
                )
            elif not any(corpus.has_section(doc_id, section) for corpus in corpora):
                yield located.problem(
                    "cite",
                    f"{field_label('cite')}の「{cite}」という節はありません。{_section_hint(doc_id, section, corpora)}",
                )


def find_uncitable_cases(cases: Sequence[LocatedCase], corpora: Sequence[CorpusText]) -> Iterator[CaseProblem]:
    """Yield the cases for which a corpus has no entry of `cite`: no answer from it can pass."""
    for located in cases:
        for corpus in corpora:
            if located.case.cite and not any(corpus.has_section(*cite.split("#", 1)) for cite in located.case.cite):
                text = f"質問集 {'・'.join(corpus.set_names)} の文書には、{field_label('cite')}の節が1つもありません。"
                yield located.problem("cite", f"{text}その文書の節も書いてください。")


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


CASE_CHECKS: tuple[Callable[[Sequence[LocatedCase]], Iterator[CaseProblem]], ...] = (
    find_duplicate_ids,
    find_unknown_kinds,
    find_redundant_words,
    find_duplicate_questions,
)
"""Checks that need only the cases."""

DOCUMENT_CHECKS: tuple[Callable[[Sequence[LocatedCase], Sequence[CorpusText]], Iterator[CaseProblem]], ...] = (
    find_ungrounded_facts,
    find_possibly_answerable,
)
"""Checks of the cases against each corpus they are asked over."""


def find_case_problems(
    cases: Sequence[LocatedCase], corpora: Sequence[CorpusText] = (), *, complete: bool = True
) -> list[CaseProblem]:
    """Return the problems of cases that are all asked over each of `corpora`, check by check.

    Without `corpora` only the cases themselves are checked. If `corpora` are not `complete`, a source that none of them
    has may be in a missing one, so it is not reported.
    """
    problems = [problem for check in CASE_CHECKS for problem in check(cases)]
    problems += [problem for check in DOCUMENT_CHECKS for problem in check(cases, corpora)]
    missing = list(find_missing_sources(cases, corpora)) if complete and corpora else []
    locations = {problem.location for problem in missing}
    return [*problems, *missing, *(p for p in find_uncitable_cases(cases, corpora) if p.location not in locations)]


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The problems of cases.

    Attributes:
        n: the number of cases.
        problems: in file order.
        skipped: the sets whose documents are not on this machine, so that their cases were checked without them.
    """

    n: int
    problems: tuple[CaseProblem, ...]
    skipped: tuple[str, ...]


def check_sets(sets: Sequence[CaseSet], settings: Settings | None = None) -> CheckResult:
    """Check the cases of `sets`; cases that several sets share are checked against the documents of all of them.

    A set without documents is checked against the current index of `settings`.

    Raises SetFileError for an unreadable file, ManifestError and UnreadableDocumentError for documents.
    """
    all_cases: list[LocatedCase] = []
    problems: list[CaseProblem] = []
    sets = [case_set for case_set in sets if case_set.is_in_our_format]
    unbound = [case_set.name for case_set in sets if not case_set.corpora]
    in_service = load_indexed_text(unbound, settings) if settings else None
    by_files: dict[tuple[Path, ...], list[CaseSet]] = {}
    for case_set in sets:
        by_files.setdefault(case_set.files, []).append(case_set)
    for files, sharing in by_files.items():
        cases, broken = read_located_cases(files)
        all_cases += cases
        complete = all(case_set.is_available for case_set in sharing)
        problems += [*broken, *find_case_problems(cases, _load_corpora(sharing, in_service), complete=complete)]
    unique = dict.fromkeys([*problems, *find_duplicate_ids(all_cases)])
    return CheckResult(
        n=len(all_cases),
        problems=tuple(sorted(unique, key=lambda problem: _location_key(problem.location))),
        skipped=tuple(
            case_set.name for case_set in sets if not case_set.is_available or not (case_set.corpora or in_service)
        ),
    )


def _load_corpora(sharing: Sequence[CaseSet], in_service: CorpusText | None) -> list[CorpusText]:
    names_by_folders: dict[tuple[Path, ...], list[str]] = {}
    for case_set in sharing:
        if case_set.is_available:
            names_by_folders.setdefault(case_set.corpora, []).append(case_set.name)
    loaded = [load_corpus_text(names, folders) for folders, names in names_by_folders.items() if folders]
    return [*loaded, in_service] if in_service and () in names_by_folders else loaded


def _location_key(location: str) -> tuple[Path, int]:
    file, _, line = location.rpartition(":")
    return Path(file), int(line)


@command(
    "check",
    "評価の問いの誤りを、尋ねる前に調べる",
    one_of(
        paths_option("--cases", "FILE", "問いのファイル(*.jsonl)"),
        option("--set", action="append", default=[], metavar="NAME", help="質問集の名前(既定: すべて)"),
        option("--schema", action="store_true", help="問いの JSON Schema を標準出力に出して終わる"),
    ),
    paths_option("--corpus", "DIR", "問いが尋ねる文書(既定: 質問集ごとの文書。--cases では corpus/)"),
)
def check(options: Namespace) -> int:
    """Find the problems of case files; exit status 1 if there are any."""
    if options.schema:
        emit(Case.model_json_schema())
        return DONE
    settings = read_settings()
    sets = project_sets(options.set, settings)
    if options.cases:
        sets = (CaseSet("cases", tuple(options.cases), (settings.corpus,)),)
    if options.corpus:
        sets = tuple(replace(case_set, corpora=tuple(options.corpus)) for case_set in sets)
    checked = check_sets(sets, settings)
    for name in checked.skipped:
        sys.stderr.write(f"質問集「{name}」の文書がこの環境にないので、問いは文書と照らし合わせていません。\n")
    problems = checked.problems
    if options.json:
        listed = []
        for problem in problems:
            file, _, line = problem.location.rpartition(":")
            listed.append(
                {"file": file, "line": int(line), "id": problem.id, "check": problem.check, "problem": problem.text}
            )
        emit({"n": checked.n, "problems": listed, "skipped": list(checked.skipped)})
        return BELOW_QUALITY if problems else DONE
    console = Console()
    for problem in problems:
        label = f"[bold]{escape(problem.location)}[/]{escape(f' {problem.id}' if problem.id else '')}"
        console.print(f"{label}: {escape(problem.text)}", highlight=False, soft_wrap=True)
    summary = f"直すところが {len(problems)} 件あります。" if problems else "直すところはありません。"
    style = "yellow" if problems else "green"
    console.print(f"問い {checked.n} 件を調べました。{summary}", style=style, highlight=False)
    return BELOW_QUALITY if problems else DONE
