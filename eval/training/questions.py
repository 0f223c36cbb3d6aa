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

from eval.benchmarks.judged_sets import load_beir, pdf_files, read_pdfs
from eval.dataset.case import Case
from eval.dataset.matching import contains_words, is_same_section
from eval.dataset.sets import UNREAD_FOLDER, project_sets
from eval.storage.numbered_lines import read_json_lines
from ingest.documents import Document, ParsedDocument, Passage
from ingest.japanese.sentences import sentences
from ingest.metadata.manifest import read_corpus
from ingest.passages.document_reading import read_document

Facts = Sequence[Sequence[str]]


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


def load_training_sets(shared: Path) -> Iterator[TrainingSet]:
    """Yield all sets; `shared` is the folder of the public ones."""
    yield from case_sets()
    yield reply_set(shared / "replies" / "replies.jsonl")
    yield bulletin_set(shared)
    yield page_set(shared / "pages")
    yield faq_set(shared / "localgovfaq")


def question_by_facts(
    text: str,
    group: str,
    facts: Facts,
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


def case_sets() -> Iterator[TrainingSet]:
    """Yield the project's single-turn cases without those to ask back, one set for each corpus.

    The sets of originals that corpus/ restates have the same questions and are skipped.
    """
    cases: dict[Path, list[Case]] = defaultdict(list)
    for case_set in project_sets():
        if case_set.is_available and not case_set.name.startswith("sources"):
            cases[case_set.corpora[0]] += [
                case
                for case in case_set.load(case_set.files)
                if len(case.turns) == 1 and case.behave != "clarify" and case.kind not in _EXCLUDED_KINDS
            ]
    for corpus, of_corpus in cases.items():
        readings = [read_document(entry.path, entry.document) for entry in read_corpus(corpus).entries]
        group = "/".join(("cases", *corpus.parts[-2:]))
        yield TrainingSet(group, readings, [_case_question(case, group) for case in of_corpus])


def _case_question(case: Case, group: str) -> TrainingQuestion:
    if case.behave == "abstain":
        return TrainingQuestion(case.turns[0], group, None)

    def is_source(passage: Passage) -> bool:
        return any(case.accepts_source(passage.doc_id, heading) for heading in (*passage.path, ""))

    if "reckoned" in case.tags:  # the answer is computed and not in any passage
        return TrainingQuestion(case.turns[0], group, lambda passage: float(is_source(passage)))
    return question_by_facts(case.turns[0], group, case.must, is_source)


def reply_set(file: Path) -> TrainingSet:
    """Return the questions of model-like replies over all their passages; what the replies quote is right."""
    lines = list(read_json_lines(file))
    issues: dict[Document, dict[str, dict[str, None]]] = defaultdict(lambda: defaultdict(dict))
    for line in lines:
        for passage in line["passages"]:
            issue = _issue(passage["title"], passage["issuer"], passage["published"])
            issues[issue][passage["heading"]][passage["text"]] = None
    questions = [question for line in lines for question in _reply_questions(line)]
    return TrainingSet("replies", read_texts(_markdown(issues)), questions)


def _reply_questions(line: Mapping[str, Any]) -> Iterator[TrainingQuestion]:
    right = [s for number, s in enumerate(line["reply"]) if line["right"] or number != line["wrong_sentence"]]
    quotes = [part for sentence in right for quote in sentence["quotes"] for part in sentences(quote)]
    if quotes:
        yield question_by_facts(line["question"], f"replies-{line['set']}", [quotes], weight=1.2)
    elif line["kind"] == "absent":
        yield TrainingQuestion(line["question"], f"replies-{line['set']}", None, weight=1.2)


def faq_set(folder: Path) -> TrainingSet:
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
    """Yield the questions of the files `{series}-1`, `-2`, … in order of file name."""
    return (line for file in sorted(_QUESTIONS.glob(f"{series}-*.jsonl")) for line in read_json_lines(file))


def bulletin_set(shared: Path) -> TrainingSet:
    """Return written questions over all bulletins and the sittings that the written ones are about.

    Articles and speeches that answer questions of the towns and of the sets that nobody reads are left out.
    """
    left_out = {
        unit
        for support in (shared / "towns" / "support.json", UNREAD_FOLDER / "support.json")
        for unit in (json.loads(support.read_text("utf-8")) if support.is_file() else ())
    }
    articles = {row["id"]: row for row in read_json_lines(shared / "bulletins" / "articles.jsonl")}
    issues: dict[Document, dict[str, dict[str, None]]] = defaultdict(lambda: defaultdict(dict))
    for article in articles.values():
        if article["id"] not in left_out:
            issue = _issue(article["issue"], article["municipality"], article["date"].replace(".", "-"))
            issues[issue][article["title"]][article["body"]] = None
    lines = [(line, weight) for series, weight in _SERIES_WEIGHTS.items() for line in read_written_questions(series)]
    used_units = {unit for line, _ in lines for unit in (*line["support"], *line.get("near", ()))}
    speeches = [
        s for s in read_json_lines(shared / "kiryu" / "speeches.jsonl") if s["role"] and s["id"] not in left_out
    ]
    sittings: dict[Document, str] = {}
    for title, of_day in groupby(speeches, lambda speech: f"{speech['meeting']} {speech['day']}"):
        members = list(of_day)
        if any(speech["id"] in used_units for speech in members):
            text = "\n".join(f"○{speech['role']} {speech['text'].strip()}" for speech in members)
            sittings[_document(title, "桐生市", kind="meeting", suffix=".txt")] = text
    written = [_written_question(line, weight, articles) for line, weight in lines]
    return TrainingSet("bulletins", read_texts(_markdown(issues) | sittings), written)


def _written_question(line: Mapping[str, Any], weight: float, articles: Mapping[str, Any]) -> TrainingQuestion:
    unit = (line["support"] or line.get("near") or [""])[0]
    group = f"written-{articles[unit]['municipality'] if unit in articles else 'kiryu'}"
    pair = line.get("pair", "")
    if line["behave"] == "abstain":
        return TrainingQuestion(line["question"], group, None, pair=pair, weight=weight)
    headings = {articles[unit]["title"] for unit in line["support"] if unit in articles}

    def is_source(passage: Passage) -> bool:
        return any(is_same_section(heading, part) for heading in headings for part in passage.path)

    facts = [[answer] for answer in line["answers"]]
    return question_by_facts(line["question"], group, facts, is_source if headings else None, pair=pair, weight=weight)


def _issue(title: str, issuer: str, published: str) -> Document:
    kind = "notice" if "広報" in title else "meeting" if "議会" in title else "plan"
    return _document(title, issuer, published, kind=kind)


def _document(title: str, issuer: str, published: str = "", *, kind: str, suffix: str = ".md") -> Document:
    doc_id = f"{issuer}-{published}-{title}".replace("/", "-")
    return Document(doc_id, title, f"{doc_id}{suffix}", kind, issuer, published)  # type: ignore[arg-type]


def _markdown(issues: Mapping[Document, Mapping[str, Iterable[str]]]) -> dict[Document, str]:
    return {
        issue: f"# {issue.title}\n\n"
        + "\n\n".join(f"## {heading}\n\n" + "\n\n".join(texts) for heading, texts in headings.items())
        for issue, headings in issues.items()
    }


def read_texts(texts: Mapping[Document, str]) -> list[ParsedDocument]:
    """Return the documents with these texts as they are read from files."""
    readings = []
    with TemporaryDirectory() as folder:
        for number, (document, text) in enumerate(texts.items()):
            file = Path(folder) / f"{number}{Path(document.file).suffix}"
            file.write_text(text, "utf-8")
            readings.append(read_document(file, document))
    return readings


_ANALYSED_QUESTIONS = Path(__file__).parents[1] / "pages" / "read-questions.jsonl"
# Share of questions that name their document, and how they do.
_NAMED_SHARE = 0.5
_DOCUMENT_PARTICLES = ("では、", "で、", "について、")


def page_set(folder: Path) -> TrainingSet:
    """Return written questions about PDFs, and the analysed page questions.

    `folder` has the PDFs and their titles. Only PDFs with written questions are read, so none of the held-out ones.
    """
    lines = list(read_written_questions("pages"))
    files = {_source_file(line) for line in lines}
    readings, _ = read_pdfs({name: file for name, file in pdf_files(folder / "pdfs").items() if name in files})
    ids = {reading.document.file: reading.document.id for reading in readings}
    titles = {
        f"pages-{ids[d['file']]}": d["title"] for d in read_json_lines(folder / "documents.jsonl") if d["file"] in ids
    }
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
    is_source = _of_document(doc_id, line["page"])
    return question_by_facts(line["question"], f"pages-{doc_id}", facts, is_source, weight=0.5)


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
