"""Finds errors in the cases before any question is asked."""

import re
import sys
from argparse import Namespace
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from eval.checks.corpus_text import CorpusText, load_corpus_text, load_indexed_text
from eval.command import BELOW_QUALITY, DONE, command, emit, paths_option
from eval.dataset.case import Case, read_case
from eval.dataset.case_labels import BEHAVIOUR_LABELS, KIND_DESCRIPTIONS, field_label
from eval.dataset.matching import canonical_text, contains_words
from eval.dataset.sets import CaseSet, project_sets
from eval.errors import SetFileError
from eval.storage.numbered_lines import read_numbered_lines
from ingest.cli.command_line import one_of, option
from ingest.configuration.environment import read_settings
from ingest.configuration.settings import Settings
from ingest.japanese import nfkc
from ingest.japanese.tokenise import words


@dataclass(frozen=True, slots=True)
class CaseProblem:
    """A problem found by a check at "file:line" in the case `id` ("" if it cannot be read).

    `text` says in Japanese what is wrong and how to mend it.
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


def find_duplicate_ids(cases: Sequence[LocatedCase]) -> Iterator[CaseProblem]:
    """Yield each case whose id an earlier case has."""
    first: dict[str, str] = {}
    for located in cases:
        earlier = first.setdefault(located.case.id, located.location)
        if earlier != located.location:
            yield located.problem(
                "id", f"id「{located.case.id}」は {earlier} でも使われています。別の id にしてください。"
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
        case = located.case
        turns = tuple(_MARKS.sub("", nfkc(turn)).casefold() for turn in case.turns)
        earlier = first.setdefault((turns, case.as_of, case.style, case.audience), located)
        if earlier is not located:
            same = all(
                getattr(earlier.case, name) == getattr(case, name) for name in ("behave", "must", "must_not", "cite")
            )
            advice = "一方を消してください。" if same else "求める答えが違います。正しい方だけを残してください。"
            yield located.problem("asked_twice", f"{earlier.location} の「{earlier.case.id}」と同じ質問です。{advice}")


def find_redundant_words(cases: Sequence[LocatedCase]) -> Iterator[CaseProblem]:
    """Yield the words of `must` and `must_not` that can never match, or that another word makes redundant.

    An answer that contains 148施策 also contains 148, so as alternatives the longer one has no effect, and the shorter
    one may be looser than intended.
    """
    for located in cases:
        for field, group in [*(("must", group) for group in located.case.must), ("must_not", located.case.must_not)]:
            texts = (*_redundant_words(field, group), *_contradictions(field, group, located.case.must_not))
            yield from (located.problem("alternatives", text) for text in texts)


def _redundant_words(field: str, group: Sequence[str]) -> Iterator[str]:
    label = field_label(field)
    wordings = [word for word in group if canonical_text(word)]
    yield from (
        f"{label}の「{word}」は空白だけなので、決して当たりません。消してください。"
        for word in group
        if word not in wordings
    )
    for index, word in enumerate(wordings):
        # Only the later of two equal words is reported.
        later = (other for other in wordings[index + 1 :] if not contains_words(other, word))
        if contained := next((other for other in (*wordings[:index], *later) if contains_words(word, other)), None):
            mend = f"「{word}」を消すか、「{contained}」を消して狭めてください。"
            yield f"{label}の「{word}」は「{contained}」があるので要りません。{mend}"


def _contradictions(field: str, group: Sequence[str], forbidden: Sequence[str]) -> Iterator[str]:
    for word in group if field == "must" else ():
        conflicts = (words for words in forbidden if canonical_text(words) and contains_words(word, words))
        if conflict := next(conflicts, None):
            must, must_not = field_label("must"), field_label("must_not")
            text = f"{must}の「{word}」は、{must_not}の「{conflict}」を含むので、言えば必ず落ちます。"
            yield f"{text}どちらかを直してください。"


# Tag of cases that ask for a computed value, which no document contains.
COMPUTED_TAG = "reckoned"


def find_ungrounded_facts(cases: Sequence[LocatedCase], corpora: Sequence[CorpusText]) -> Iterator[CaseProblem]:
    """Yield each group of `must` without any wording in a corpus, except of cases with the tag `COMPUTED_TAG`."""
    label, tags, behave = (field_label(field) for field in ("must", "tags", "behave"))
    advice = (
        "文書の書き方を1つ加えてください。"
        f"計算して出る答えなら{tags}に reckoned を、"
        f"答えられない質問なら{behave}を「{BEHAVIOUR_LABELS['abstain']}」にしてください。"
    )
    for located in cases:
        for corpus in corpora if COMPUTED_TAG not in located.case.tags else ():
            texts = corpus.cited_text(located.case.cite), corpus.full_text
            for group in located.case.must:
                if not any(contains_words(text, words) for text in texts for words in group):
                    sets = "・".join(corpus.set_names)
                    text = f"{label}の「{'」「'.join(group)}」は、質問集 {sets} の文書のどこにもありません。"
                    yield located.problem("grounds", text + advice)


def find_possibly_answerable(cases: Sequence[LocatedCase], corpora: Sequence[CorpusText]) -> Iterator[CaseProblem]:
    """Yield each case to abstain on for which one passage contains every content word.

    Such a question is often answered there. A `note` states that somebody checked it.
    """
    words_by_passage = [
        (passage, frozenset(words("\n".join([passage.text_with_headings, *passage.notes]))))
        for corpus in corpora
        for passage in corpus.passages
    ]
    for located in cases:
        asked = set(words(located.case.turns[-1]))
        if located.case.behave != "abstain" or located.case.note or not asked:
            continue
        if passage := next((passage for passage, there in words_by_passage if asked <= there), None):
            text = (
                f"質問の言葉がすべて {passage.doc_id}#{passage.section} にあります。"
                f"答えが書かれていないことを確かめて、その理由を{field_label('note')}に書いてください。"
                "書かれているなら、behave を answer にしてください。"
            )
            yield located.problem("answerable", text)


def find_missing_sources(cases: Sequence[LocatedCase], corpora: Sequence[CorpusText]) -> Iterator[CaseProblem]:
    """Yield the entries of `cite` that are in none of `corpora`.

    A question may be asked over two corpora with different headings; each entry has to be in one of them.
    """
    label = field_label("cite")
    for located in cases:
        for cite in located.case.cite:
            doc_id, _, section = cite.partition("#")
            if not any(corpus.has_document(doc_id) for corpus in corpora):
                ids = dict.fromkeys(document.id for corpus in corpora for document in corpus.documents)
                text = f"{label}の文書「{doc_id}」はありません。次から選んでください: {'、'.join(ids)}。"
                yield located.problem("cite", text)
            elif not any(corpus.has_section(doc_id, section) for corpus in corpora):
                sections = dict.fromkeys(name for corpus in corpora for name in corpus.sections(doc_id))
                similar = get_close_matches(section, sections, n=1, cutoff=0.4)
                hint = f"「{similar[0]}」ではありませんか。" if similar else ""
                listed = f"節の一覧は、検索の結果か python -m ingest show {doc_id} で見られます。"
                yield located.problem("cite", f"{label}の「{cite}」という節はありません。{hint}{listed}")


def find_uncitable_cases(cases: Sequence[LocatedCase], corpora: Sequence[CorpusText]) -> Iterator[CaseProblem]:
    """Yield the cases for which a corpus has no entry of `cite`: no answer from it can pass."""
    for located in cases:
        for corpus in corpora:
            if located.case.cite and not any(corpus.has_section(*cite.split("#", 1)) for cite in located.case.cite):
                text = f"質問集 {'・'.join(corpus.set_names)} の文書には、{field_label('cite')}の節が1つもありません。"
                yield located.problem("cite", f"{text}その文書の節も書いてください。")


CASE_CHECKS: tuple[Callable[[Sequence[LocatedCase]], Iterator[CaseProblem]], ...] = (
    find_duplicate_ids,
    find_unknown_kinds,
    find_redundant_words,
    find_duplicate_questions,
)
"""Checks that need only the cases."""


def find_case_problems(
    cases: Sequence[LocatedCase], corpora: Sequence[CorpusText] = (), *, complete: bool = True
) -> list[CaseProblem]:
    """Return the problems of cases that are all asked over each of `corpora`, check by check.

    Without `corpora` only the cases themselves are checked. If `corpora` are not `complete`, a source that none of them
    has may be in a missing one, so it is not reported.
    """
    problems = [problem for check in CASE_CHECKS for problem in check(cases)]
    problems += [*find_ungrounded_facts(cases, corpora), *find_possibly_answerable(cases, corpora)]
    missing = list(find_missing_sources(cases, corpora)) if complete and corpora else []
    locations = {problem.location for problem in missing}
    return [*problems, *missing, *(p for p in find_uncitable_cases(cases, corpora) if p.location not in locations)]


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The problems of `n` cases in file order.

    `skipped` are the sets whose documents are not on this machine, so that their cases were checked without them.
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
        cases, broken = _read_cases(files)
        all_cases += cases
        complete = all(case_set.is_available for case_set in sharing)
        problems += [*broken, *find_case_problems(cases, _load_corpora(sharing, in_service), complete=complete)]
    if sets and not all_cases and not problems:
        raise SetFileError("評価の問いが1つもありません。--cases に問いのファイル(*.jsonl)を指定してください。")
    unique = dict.fromkeys([*problems, *find_duplicate_ids(all_cases)])
    return CheckResult(
        n=len(all_cases),
        problems=tuple(sorted(unique, key=lambda problem: _file_and_line(problem.location))),
        skipped=tuple(
            case_set.name for case_set in sets if not case_set.is_available or not (case_set.corpora or in_service)
        ),
    )


def _read_cases(files: Sequence[Path]) -> tuple[list[LocatedCase], list[CaseProblem]]:
    located: list[LocatedCase] = []
    problems: list[CaseProblem] = []
    for location, line in (numbered for file in files for numbered in read_numbered_lines(file)):
        try:
            located.append(LocatedCase(location, read_case(line, location)))
        except SetFileError as error:
            problems.append(CaseProblem(location, "", "form", str(error).removeprefix(f"{location}: ")))
    return located, problems


def _load_corpora(sharing: Sequence[CaseSet], in_service: CorpusText | None) -> list[CorpusText]:
    names_by_folders: dict[tuple[Path, ...], list[str]] = {}
    for case_set in sharing:
        if case_set.is_available:
            names_by_folders.setdefault(case_set.corpora, []).append(case_set.name)
    loaded = [load_corpus_text(names, folders) for folders, names in names_by_folders.items() if folders]
    return [*loaded, in_service] if in_service and () in names_by_folders else loaded


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
def check(options: Namespace) -> int:
    """Find the problems of case files; exit status 1 if there are any."""
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
        listed = [
            {"file": str(file), "line": line, "id": problem.id, "check": problem.check, "problem": problem.text}
            for problem in problems
            for file, line in [_file_and_line(problem.location)]
        ]
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
