"""All training tasks of the relevance models: the public sets and the project's sets."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from math import nan
from pathlib import Path
from typing import Any

from eval.benchmarks.retrieval import entry_readings as entries
from eval.benchmarks.retrieval import load_beir
from eval.dataset.case import Case, load_cases
from eval.dataset.matching import contains_words, is_same_section
from eval.dataset.sets import project_sets
from eval.storage.numbered_lines import read_json_lines
from eval.training.pdf_tasks import page_tasks
from eval.training.tasks import (
    ReaderTask,
    TrainingQuestion,
    build_corpus_files,
    bulletin_task,
    make_task,
    unread_ids,
    written_task,
)
from ingest.documents import Passage
from ingest.japanese.normal_forms import remove_spaces

_MIN_QUOTED_LETTERS = 10


def load_tasks(shared: Path) -> Iterator[ReaderTask]:
    """Yield all tasks; `shared` is the folder of the public sets."""
    yield from own_tasks()
    yield towns_task(shared / "towns")
    yield replies_task(shared / "replies" / "replies.jsonl")
    left_out = frozenset(json.loads((shared / "towns" / "support.json").read_text("utf-8"))) | unread_ids()
    yield bulletin_task(shared / "bulletins" / "articles.jsonl", left_out)
    yield written_task(shared, left_out, "written", "bulletins", "pairs")
    yield written_task(shared, left_out, "everyday", "everyday")
    yield from page_tasks(shared / "pages")
    yield faq_task(shared / "localgovfaq")


def own_tasks() -> Iterator[ReaderTask]:
    """Yield the project's sets, one per corpus, without multi-turn questions and those to ask back.

    The sets of originals that corpus/ restates have the same questions and are skipped.
    """
    by_corpus: dict[Path, list[Case]] = {}
    for case_set in project_sets():
        if case_set.is_available and case_set.is_in_our_format and not case_set.name.startswith("sources"):
            by_corpus.setdefault(case_set.corpora[0], []).extend(load_cases(case_set.files))
    for corpus, cases in by_corpus.items():
        single = [c for c in cases if len(c.turns) == 1 and c.behave != "clarify" and c.kind not in _EXCLUDED_KINDS]
        yield make_task(
            f"own-{corpus.name}", [_case_question(case, f"own-{corpus.name}") for case in single], corpus=corpus
        )


_EXCLUDED_KINDS = frozenset({"attack", "lookalike", "curated"})


def _case_question(case: Case, group: str) -> TrainingQuestion:
    if case.behave == "abstain":
        return TrainingQuestion(case.turns[0], group, None)
    cited = [entry.split("#", 1) for entry in case.cite]

    def right(passage: Passage) -> bool:
        return any(passage.doc_id == d and any(is_same_section(h, s) for h in passage.path) for d, s in cited)

    if "reckoned" in case.tags:
        return TrainingQuestion(case.turns[0], group, lambda passage: float(right(passage)))
    return _question_by_facts(case.turns[0], group, case.must, right)


def _question_by_facts(
    text: str, group: str, must: Sequence[Sequence[str]], right: Callable[[Passage], bool]
) -> TrainingQuestion:
    groups = tuple(map(tuple, must))

    def grade(passage: Passage) -> float:
        share = sum(any(contains_words(passage.text, w) for w in group) for group in groups) / max(1, len(groups))
        if right(passage):
            return share or nan
        return nan if share == 1 else 0.0

    return TrainingQuestion(
        text, group, grade, lambda unit: any(contains_words(unit, w) for g in groups for w in g), groups
    )


def towns_task(folder: Path) -> ReaderTask:
    """Return the questions about real bulletins and minutes; right sections are those of the support."""
    support = json.loads((folder / "support.json").read_text("utf-8"))
    questions = []
    for line in read_json_lines(folder / "questions.jsonl"):
        if len(line["turns"]) > 1 or line["behave"] == "clarify":
            continue
        group = f"towns-{line['doc'].split('-')[0]}"
        cited = [(support[name]["doc"], support[name]["heading"]) for name in line["support"]]
        if line["behave"] == "abstain":
            questions.append(TrainingQuestion(line["turns"][0], group, None))
        else:
            questions.append(_question_by_facts(line["turns"][0], group, line["must"], _section_test(cited)))
    return make_task("towns", questions, corpus=folder / "corpus")


def _section_test(cited: Sequence[tuple[str, str]]) -> Callable[[Passage], bool]:
    return lambda passage: any(
        passage.doc_id == d and (len(passage.path) == 1 or any(is_same_section(h, s) for h in passage.path))
        for d, s in cited
    )


def replies_task(file: Path) -> ReaderTask:
    """Return the questions of model-like replies over all their passages; right is what the replies quote."""
    lines = list(read_json_lines(file))
    documents: dict[tuple[str, str, str], dict[str, dict[str, None]]] = {}
    for line in lines:
        for passage in line["passages"]:
            headings = documents.setdefault((passage["title"], passage["issuer"], passage["published"]), {})
            headings.setdefault(passage["heading"], {})[passage["text"]] = None
    return make_task(
        "replies", [q for line in lines for q in _reply_questions(line)], files=build_corpus_files(documents)
    )


def _reply_questions(line: dict[str, Any]) -> Iterator[TrainingQuestion]:
    group = f"replies-{line['set']}"
    sentences = [s for number, s in enumerate(line["reply"]) if line["right"] or number != line["wrong_sentence"]]
    quotes = [remove_spaces(quote) for sentence in sentences for quote in sentence["quotes"]]
    if not quotes and line["kind"] == "absent":
        yield TrainingQuestion(line["question"], group, None)
    if quotes:

        def answers(text: str) -> bool:
            text = remove_spaces(text)
            return any(quote in text or (len(text) >= _MIN_QUOTED_LETTERS and text in quote) for quote in quotes)

        yield TrainingQuestion(
            line["question"], group, lambda passage: float(any(map(answers, passage.text.splitlines()))), answers
        )


def faq_task(folder: Path) -> ReaderTask:
    """Return citizens' questions about a city's FAQ, judged by entry but not by sentence."""
    beir = load_beir(folder, "dev")
    grade_values = {0: 0.0, 1: 0.4, 2: 1.0}

    def graded(grades: Mapping[str, int]) -> Callable[[Passage], float]:
        return lambda passage: grade_values[grades.get(passage.doc_id, 0)]

    questions = [TrainingQuestion(query.text, "faq", graded(beir.grades[query.id])) for query in beir.queries]
    questions += [TrainingQuestion(line["text"], "faq", None) for line in read_json_lines(folder / "noanswer.jsonl")]
    return make_task("faq", questions, readings=entries(beir.corpus))
