"""Questions about names that the documents have, and the same about names of the same kind from another town.

Both are generated from the titles and labels of bulletin articles. A system should answer the first and not the second.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from eval.dataset.bulletins import LABEL_QUESTIONS, build_corpus_files, group_by_issue
from eval.systems.local import open_run_index
from ingest.configuration.settings import Settings
from ingest.japanese import nfkc
from ingest.japanese.tokenise import morphemes

# Characters of a name; figures in it would be years and issues.
_NAME = re.compile(r"\D{4,16}")
_NAME_START = re.compile(r"(?:^|[ 「『【(・、。!?のでをがは〜-])$")
_NAME_END = re.compile(r"$|[ 」』】)・、。!?のをがはでに]")
_MAX_PAIRS_OF_ARTICLE = 4
_MAX_PAIRS_OF_TOWN = 150
_SEED = 7


@dataclass(frozen=True, slots=True)
class SubjectPair:
    """A question about `name`, which is in the title of an article, and the same about `absent_name`."""

    town: str
    title: str
    name: str
    question: str
    absent_name: str
    absent_question: str


def make_pairs(articles: Iterable[dict[str, Any]]) -> tuple[SubjectPair, ...]:
    """Return up to 150 pairs for each of the two towns that published the articles."""
    by_town: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for article in articles:
        by_town[article["municipality"]].append(article)
    texts = {town: nfkc("\n".join(f"{a['title']}\n{a['body']}" for a in of_town)) for town, of_town in by_town.items()}
    pairs = list[SubjectPair]()
    for town, of_town in by_town.items():
        others = [text for other, text in texts.items() if other != town]
        foreign = _names_by_kind((name for text in others for name in _compound_names(text)), texts[town])
        pairs += _pairs_of_town(town, of_town, foreign)
    return tuple(pairs)


def _pairs_of_town(
    town: str, articles: Sequence[dict[str, Any]], foreign: dict[str, list[str]]
) -> Iterator[SubjectPair]:
    random = Random(_SEED)  # noqa: S311 -- a fixed sample, no secret
    candidates = [
        (article["id"], article["title"], name, kind, ending)
        for article in articles
        for name, kind in dict.fromkeys(_compound_names(nfkc(article["title"])))
        for labels, ending in LABEL_QUESTIONS.items()
        if foreign.get(kind) and _has_one_label(nfkc(article["body"]), labels)
    ]
    random.shuffle(candidates)
    made: Counter[str] = Counter()
    for article_id, title, name, kind, ending in candidates:
        if made[article_id] < _MAX_PAIRS_OF_ARTICLE and made.total() < _MAX_PAIRS_OF_TOWN:
            made[article_id] += 1
            other = random.choice(foreign[kind])
            yield SubjectPair(town, title, name, f"{name}{ending}", other, f"{other}{ending}")


def _has_one_label(body: str, labels: str) -> bool:
    any_label = "|".join(labels.split())
    return len(re.findall(rf"^[■●・◆○]?(?:{any_label})[:：]", body, re.MULTILINE)) == 1


def _names_by_kind(names: Iterable[tuple[str, str]], own_text: str) -> dict[str, list[str]]:
    by_kind: dict[str, set[str]] = defaultdict(set)
    for name, kind in names:
        if name.removesuffix(kind) not in own_text:
            by_kind[kind].add(name)
    return {kind: sorted(of_kind) for kind, of_kind in by_kind.items()}


def _compound_names(text: str) -> Iterator[tuple[str, str]]:
    nouns = groupby(morphemes(text), key=lambda morpheme: morpheme.is_noun)
    for run in (list(morphemes_of_run) for is_noun, morphemes_of_run in nouns if is_noun):
        kind = run[-1]
        start = run[0].start
        end = run[-1].end
        is_compound = len(run) > 1 and kind.pos[1] == "普通名詞" and len(kind.surface) > 1
        is_bounded = _NAME_START.search(text, max(0, start - 1), start) and _NAME_END.match(text, end)
        if is_compound and is_bounded and _NAME.fullmatch(text, start, end):
            yield text[start:end], kind.surface


def ask_pairs(
    file: Path,
    pairs: Sequence[SubjectPair],
    left_out: Collection[str],
    settings: Settings,
    without: Collection[str] = (),
) -> Iterator[dict[str, Any]]:
    """Yield the status of each answer over the articles of its town in `file`, and whether its source is right.

    `left_out` are the ids of articles that are not indexed.
    """
    issues = group_by_issue(file, left_out)
    for town in dict.fromkeys(pair.town for pair in pairs):
        corpus = build_corpus_files({issue: articles for issue, articles in issues.items() if issue[1] == town})
        with TemporaryDirectory() as folder:
            for name, text in corpus.items():
                (Path(folder) / name).write_text(text, "utf-8")
            with open_run_index(
                settings.model_copy(update={"data": Path(folder) / "data"}), [Path(folder)], without
            ) as system:
                for pair in (pair for pair in pairs if pair.town == town):
                    answer, absent_answer = (
                        system.ask({"question": question}) for question in (pair.question, pair.absent_question)
                    )
                    sections = [nfkc(source["section"]) for source in answer["citations"]]
                    is_right = any(section and section in nfkc(pair.title) for section in sections)
                    yield {
                        "town": town,
                        "question": pair.question,
                        "status": answer["status"],
                        "is_right": is_right,
                    }
                    yield {
                        "town": town,
                        "question": pair.absent_question,
                        "status": absent_answer["status"],
                        "is_right": None,
                    }
