"""Questions with their documents that the relevance models learn from: the project's cases, public and written sets."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from math import nan
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from eval.dataset.case import Case
from eval.dataset.matching import canonical_heading, contains_words
from eval.dataset.sets import ROOT, UNREAD_FOLDER, project_sets
from eval.storage.numbered_lines import read_json_lines
from ingest.documents import Document, ParsedDocument, Passage
from ingest.metadata.manifest import read_corpus
from ingest.passages.document_reading import read_document
from lab.benchmarks.judged_sets import load_beir, load_squad, pdf_files, read_pdfs
from lab.benchmarks.search import sample_evenly
from lab.training.sources import find_sets

# Each takes some milliseconds to search, and two versions of it.
_MAX_SQUAD_QUESTIONS = 6000
# The set and the number of its questions for a small training.
_SMALL_SET = "tsuyukusa"
_SMALL_QUESTIONS = 16


@dataclass(frozen=True, slots=True)
class TrainingQuestion:
    """A question: `grade` returns how right a passage is (0-1, nan if unknown), `answers` whether a sentence answers.

    Attributes:
        group: what is held out together.
        grade: None if nothing answers.
        answers: None if it is unknown which sentences do.
        pair: questions of one pair are about one article, which answers only one of them.
        weight: how often it is drawn, relative to others.
    """

    text: str
    group: str
    grade: Callable[[Passage], float] | None
    answers: Callable[[str], bool] | None = None
    pair: str = ""
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class TrainingSet:
    """Documents, and the questions about them."""

    name: str
    readings: Sequence[ParsedDocument]
    questions: Sequence[TrainingQuestion]


def load_training_sets(sets: Path) -> list[TrainingSet]:
    """Return all sets; `sets` is the folder of the public ones. Raises SetFileError if one is missing."""
    texts = "bulletins/articles.jsonl", "kiryu/speeches.jsonl"
    names = *texts, "localgovfaq/corpus.jsonl", "localgovfaq/noanswer.jsonl", "pages/pdfs", "pages/documents.jsonl"
    articles, speeches, faq, _, pdfs, titles = find_sets(sets, *names)
    return [*_case_sets(), bulletin_set(articles, speeches), _page_set(pdfs, titles), _faq_set(faq.parent)]


def small_training_set() -> TrainingSet:
    """Return a few of the project's cases over one small corpus."""
    made = next(each for each in _case_sets(_SMALL_SET))
    return replace(made, questions=made.questions[:: len(made.questions) // _SMALL_QUESTIONS][:_SMALL_QUESTIONS])


def question_by_facts(
    text: str,
    group: str,
    facts: Sequence[Sequence[str]],
    is_source: Callable[[Passage], bool] | None = None,
    *,
    pair: str = "",
    weight: float = 1.0,
) -> TrainingQuestion:
    """Return a question that one wording of each of `facts` answers, in its source if that is known."""

    def grade(passage: Passage) -> float:
        share = sum(any(contains_words(passage.text, wording) for wording in fact) for fact in facts) / len(facts)
        if is_source is None:
            return share
        if is_source(passage):
            return share or nan
        return nan if share == 1 else 0.0

    def answers(unit: str) -> bool:
        return any(contains_words(unit, wording) for fact in facts for wording in fact)

    return TrainingQuestion(text, group, grade, answers, pair, weight)


# Kinds of cases that teach nothing about the relevance of passages.
_EXCLUDED_KINDS = frozenset({"attack", "lookalike", "curated"})


def single_turn_cases(*names: str) -> dict[Path, list[Case]]:
    """Return the single-turn cases of the project's sets by corpus, without those to ask back.

    The sets of originals that corpus/ restates have the same questions and are skipped.
    """
    cases: dict[Path, list[Case]] = defaultdict(list)
    for case_set in project_sets(names):
        if case_set.is_available and not case_set.name.startswith("sources"):
            cases[case_set.corpora[0]] += [
                case
                for case in case_set.read_cases()
                if len(case.turns) == 1 and case.behave != "clarify" and case.kind not in _EXCLUDED_KINDS
            ]
    return cases


def _case_sets(*names: str) -> Iterator[TrainingSet]:
    for corpus, cases in single_turn_cases(*names).items():
        readings = [read_document(entry.path, entry.document) for entry in read_corpus(corpus).entries]
        group = "/".join(("cases", *corpus.parts[-2:]))
        yield TrainingSet(group, readings, [_case_question(case, group) for case in cases])


def _case_question(case: Case, group: str) -> TrainingQuestion:
    if case.behave == "abstain":
        return TrainingQuestion(case.turns[0], group, None)

    def is_source(passage: Passage) -> bool:
        return any(case.accepts_source(passage.doc_id, heading) for heading in (*passage.path, ""))

    if "reckoned" in case.tags:  # the answer is computed and not in any passage
        return TrainingQuestion(case.turns[0], group, lambda passage: float(is_source(passage)))
    return question_by_facts(case.turns[0], group, case.must, is_source)


def squad_set(file: Path) -> TrainingSet:
    """Return questions about an encyclopedia, evenly sampled from a file in SQuAD format."""
    squad = load_squad(file)
    questions = [
        question_by_facts(q.text, "encyclopedia", [q.answers], lambda passage, q=q: passage.doc_id in q.grades)  # type: ignore[misc]
        for q in sample_evenly(squad.questions, _MAX_SQUAD_QUESTIONS)
    ]
    return TrainingSet("encyclopedia", squad.readings, questions)


def _faq_set(folder: Path) -> TrainingSet:
    """Return citizens' questions about a city's FAQ, judged by entry but not by sentence."""
    beir = load_beir(folder, "dev")
    grade_values = {0: 0.0, 1: 0.4, 2: 1.0}

    def graded(grades: Mapping[str, int]) -> Callable[[Passage], float]:
        return lambda passage: grade_values[grades.get(passage.doc_id, 0)]

    questions = [TrainingQuestion(q.text, "faq", graded(q.grades), weight=0.6) for q in beir.questions]
    unanswered = read_json_lines(folder / "noanswer.jsonl")
    questions += [TrainingQuestion(line["text"], "faq", None, weight=0.6) for line in unanswered]
    return TrainingSet("faq", beir.readings, questions)


# Questions written for training (see its README.md), and the weight of each series.
_QUESTIONS = Path(__file__).with_name("questions")
_SERIES_WEIGHTS = {"bulletins": 1.0, "pairs": 1.0, "everyday": 0.5}


def read_written_questions(series: str) -> Iterator[dict[str, Any]]:
    """Yield the questions of the files `{series}-1`, `{series}-2`, … in order of file name."""
    return (line for file in sorted(_QUESTIONS.glob(f"{series}-*.jsonl")) for line in read_json_lines(file))


def bulletin_set(articles_file: Path, speeches_file: Path) -> TrainingSet:
    """Return written questions over all bulletins and the sittings that the written ones are about.

    Articles and speeches that answer questions of the towns and of the sets that nobody reads are left out.
    """
    support_files = (articles_file.parents[1] / "towns" / "support.json", UNREAD_FOLDER / "support.json")
    left_out = {unit for file in support_files if file.is_file() for unit in json.loads(file.read_text("utf-8"))}
    articles = {row["id"]: row for row in read_json_lines(articles_file)}
    issues: dict[Document, str] = {}
    for article in articles.values():
        if article["id"] not in left_out:
            published = article["date"].replace(".", "-")
            issue = _document(article["issue"], article["municipality"], published, kind="notice")
            heading = f"\n\n## {article['title']}\n\n{article['body']}"
            issues[issue] = issues.get(issue, f"# {issue.title}") + heading
    lines = [(line, weight) for series, weight in _SERIES_WEIGHTS.items() for line in read_written_questions(series)]
    used_units = {unit for line, _ in lines for unit in (*line["support"], *line.get("near", ()))}
    speeches = [s for s in read_json_lines(speeches_file) if s["role"] and s["id"] not in left_out]
    sittings: dict[Document, str] = {}
    for title, of_day in groupby(speeches, lambda speech: f"{speech['meeting']} {speech['day']}"):
        members = list(of_day)
        if any(speech["id"] in used_units for speech in members):
            text = "\n".join(f"○{speech['role']} {speech['text'].strip()}" for speech in members)
            sittings[_document(title, "桐生市", kind="meeting", suffix=".txt")] = text
    written = [_written_question(line, weight, articles) for line, weight in lines]
    return TrainingSet("bulletins", _read_texts(issues | sittings), written)


def _written_question(line: Mapping[str, Any], weight: float, articles: Mapping[str, Any]) -> TrainingQuestion:
    unit = (line["support"] or line.get("near") or [""])[0]
    group = f"written-{articles[unit]['municipality'] if unit in articles else 'kiryu'}"
    pair = line.get("pair", "")
    if line["behave"] == "abstain":
        return TrainingQuestion(line["question"], group, None, pair=pair, weight=weight)
    headings = {canonical_heading(articles[unit]["title"]) for unit in line["support"] if unit in articles}

    def is_source(passage: Passage) -> bool:
        return not headings.isdisjoint(map(canonical_heading, passage.path))

    facts = [[answer] for answer in line["answers"]]
    return question_by_facts(line["question"], group, facts, is_source if headings else None, pair=pair, weight=weight)


def _document(title: str, issuer: str, published: str = "", *, kind: str, suffix: str = ".md") -> Document:
    doc_id = f"{issuer}-{published}-{title}".replace("/", "-")
    return Document(doc_id, title, f"{doc_id}{suffix}", kind, issuer, published)  # type: ignore[arg-type]


def _read_texts(texts: Mapping[Document, str]) -> list[ParsedDocument]:
    readings = []
    with TemporaryDirectory() as folder:
        for number, (document, text) in enumerate(texts.items()):
            file = Path(folder) / f"{number}{Path(document.file).suffix}"
            file.write_text(text, "utf-8")
            readings.append(read_document(file, document))
    return readings


_ANALYSED_QUESTIONS = ROOT / "eval" / "pages" / "read-questions.jsonl"
# Share of questions that name their document, and how they do.
_NAMED_SHARE = 0.5
_DOCUMENT_PARTICLES = ("では、", "で、", "について、")


def _page_set(pdfs: Path, titles_file: Path) -> TrainingSet:
    """Return written questions about PDFs, and the analysed page questions; no other PDFs are read."""
    lines = list(read_written_questions("pages"))
    files = set(map(_source_file, lines))
    readings, _ = read_pdfs({name: file for name, file in pdf_files(pdfs).items() if name in files})
    ids = {reading.document.file: reading.document.id for reading in readings}
    titles = {f"pages-{ids[d['file']]}": d["title"] for d in read_json_lines(titles_file) if d["file"] in ids}
    written = [_page_question(line, ids[_source_file(line)]) for line in lines if _source_file(line) in ids]
    analysed = [
        question_by_facts(line["turns"][0], f"pages-{doc_id}", line["must"], _of_document(doc_id))
        for line in read_json_lines(_ANALYSED_QUESTIONS)
        if (doc_id := line["cite"][0].split("#")[0]) in ids.values()
    ]
    return TrainingSet("pages", readings, [*analysed, *name_documents(written, titles)])


def _of_document(doc_id: str, page: int | None = None) -> Callable[[Passage], bool]:
    return lambda passage: passage.doc_id == doc_id and page in (None, passage.page)


def _source_file(line: Mapping[str, Any]) -> str:
    return str(line["file"] or line["near"].split("#")[0])


def _page_question(line: Mapping[str, Any], doc_id: str) -> TrainingQuestion:
    if line["behave"] == "abstain":
        return TrainingQuestion(line["question"], f"pages-{doc_id}", None, weight=0.5)
    facts = [[answer] for answer in line["answers"]]
    return question_by_facts(line["question"], f"pages-{doc_id}", facts, _of_document(doc_id, line["page"]), weight=0.5)


def name_documents(questions: Iterable[TrainingQuestion], titles: Mapping[str, str]) -> Iterator[TrainingQuestion]:
    """Yield the questions, half of them with the title of their document; `titles` are by group.

    Writers who see a document do not name it, but people asking about many documents do. The choice depends only on the
    question.
    """
    for question in questions:
        random = Random(question.text)  # noqa: S311 -- reproducible
        title = titles.get(question.group)
        is_named = title and title not in question.text and random.random() < _NAMED_SHARE
        named = f"{title}{random.choice(_DOCUMENT_PARTICLES)}{question.text}"
        yield replace(question, text=named) if is_named else question
