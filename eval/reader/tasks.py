"""All that the reader learns from and is measured by: the public sets and the project's own as tasks."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from math import nan
from pathlib import Path
from typing import Any

from eval.dataset.case import Case, load_cases
from eval.dataset.matching import holds, same_section
from eval.dataset.sets import own_sets
from eval.ranked.beir import load_beir
from eval.ranked.retrieval import readings as entries
from eval.reader.bulletins import bulletins, unread, written
from eval.reader.pages import pages
from eval.reader.task import Question, Task, files_of, objects_in, task_of, without_spaces
from ingest.documents import Passage

_LONG_ENOUGH = 10


def tasks(shared: Path) -> Iterator[Task]:
    """Yield all tasks; `shared` is the folder of the public sets."""
    yield from own()
    yield towns(shared / "towns")
    yield replies(shared / "replies" / "replies.jsonl")
    left_out = frozenset(json.loads((shared / "towns" / "support.json").read_text("utf-8"))) | unread()
    yield bulletins(shared / "bulletins" / "articles.jsonl", left_out)
    yield written(shared, left_out, "written", "bulletins", "pairs")
    yield written(shared, left_out, "everyday", "everyday")
    yield from pages(shared / "pages")
    yield citizens(shared / "localgovfaq")


def own() -> Iterator[Task]:
    """Yield the project's own sets, one a corpus; what is asked in several turns or back is left out.

    So are the originals that corpus/ restates: their questions are the same.
    """
    by_corpus: dict[Path, list[Case]] = {}
    for one in own_sets():
        if one.is_there and one.is_in_our_format and not one.name.startswith("sources"):
            by_corpus.setdefault(one.corpora[0], []).extend(load_cases(one.files))
    for corpus, cases in by_corpus.items():
        single = [c for c in cases if len(c.turns) == 1 and c.behave != "clarify" and c.kind not in _OTHER_THAN_READ]
        yield task_of(f"own-{corpus.name}", [_case(case, f"own-{corpus.name}") for case in single], corpus=corpus)


_OTHER_THAN_READ = frozenset({"attack", "lookalike", "curated"})


def _case(case: Case, group: str) -> Question:
    if case.behave == "abstain":
        return Question(case.turns[0], group, None)
    cited = [entry.split("#", 1) for entry in case.cite]

    def right(passage: Passage) -> bool:
        return any(passage.doc_id == d and any(same_section(h, s) for h in passage.path) for d, s in cited)

    if "reckoned" in case.tags:
        return Question(case.turns[0], group, lambda passage: float(right(passage)))
    return _by_facts(case.turns[0], group, case.must, right)


def _by_facts(text: str, group: str, must: Sequence[Sequence[str]], right: Callable[[Passage], bool]) -> Question:
    """Grade the passages of the right sections by their share of the facts; facts elsewhere may answer or not."""
    groups = tuple(map(tuple, must))

    def grade(passage: Passage) -> float:
        share = sum(any(holds(passage.text, w) for w in group) for group in groups) / max(1, len(groups))
        if right(passage):
            return share or nan
        return nan if share == 1 else 0.0

    return Question(text, group, grade, lambda unit: any(holds(unit, w) for g in groups for w in g), groups)


def towns(folder: Path) -> Task:
    """Return the questions over real bulletins and minutes; the right sections are those of the support."""
    support = json.loads((folder / "support.json").read_text("utf-8"))
    questions = []
    for line in objects_in(folder / "questions.jsonl"):
        if len(line["turns"]) > 1 or line["behave"] == "clarify":
            continue
        group = f"towns-{line['doc'].split('-')[0]}"
        cited = [(support[name]["doc"], support[name]["heading"]) for name in line["support"]]
        if line["behave"] == "abstain":
            questions.append(Question(line["turns"][0], group, None))
        else:
            questions.append(_by_facts(line["turns"][0], group, line["must"], _in_sections(cited)))
    return task_of("towns", questions, corpus=folder / "corpus")


def _in_sections(cited: Sequence[tuple[str, str]]) -> Callable[[Passage], bool]:
    """Return whether a passage stands under a heading that is cited; minutes have no headings."""
    return lambda passage: any(
        passage.doc_id == d and (len(passage.path) == 1 or any(same_section(h, s) for h in passage.path))
        for d, s in cited
    )


def replies(file: Path) -> Task:
    """Return the questions of the model-like replies over all passages shown; right is what the replies quote."""
    lines = list(objects_in(file))
    documents: dict[tuple[str, str, str], dict[str, dict[str, None]]] = {}
    for line in lines:
        for shown in line["passages"]:
            headings = documents.setdefault((shown["title"], shown["issuer"], shown["published"]), {})
            headings.setdefault(shown["heading"], {})[shown["text"]] = None
    return task_of("replies", [q for line in lines for q in _reply(line)], files=files_of(documents))


def _reply(line: dict[str, Any]) -> Iterator[Question]:
    group = f"replies-{line['set']}"
    said = [s for number, s in enumerate(line["reply"]) if line["right"] or number != line["wrong_sentence"]]
    quotes = [without_spaces(quote) for sentence in said for quote in sentence["quotes"]]
    if not quotes and line["kind"] == "absent":
        yield Question(line["question"], group, None)
    if quotes:

        def answers(text: str) -> bool:
            text = without_spaces(text)
            return any(quote in text or (len(text) >= _LONG_ENOUGH and text in quote) for quote in quotes)

        yield Question(
            line["question"], group, lambda passage: float(any(map(answers, passage.text.splitlines()))), answers
        )


def citizens(folder: Path) -> Task:
    """Return citizens' questions over a city's FAQ, judged by the entry; the sentences are not."""
    beir = load_beir(folder, "dev")
    worth = {0: 0.0, 1: 0.4, 2: 1.0}

    def graded(grades: Mapping[str, int]) -> Callable[[Passage], float]:
        return lambda passage: worth[grades.get(passage.doc_id, 0)]

    asked = [Question(query.text, "faq", graded(beir.grades[query.id])) for query in beir.queries]
    asked += [Question(line["text"], "faq", None) for line in objects_in(folder / "noanswer.jsonl")]
    return task_of("faq", asked, readings=entries(beir.corpus))
