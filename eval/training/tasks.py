"""Questions with their documents that the relevance models are trained on, and those over bulletins and minutes."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import nan
from pathlib import Path
from random import Random
from typing import Any

from bot.relevance.units import unit_spans
from eval.dataset.matching import is_same_section
from eval.dataset.sets import UNREAD_FOLDER
from eval.storage.numbered_lines import read_json_lines
from ingest.documents import ParsedDocument, Passage
from ingest.japanese.normal_forms import remove_spaces

Holds = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class TrainingQuestion:
    """A question: `grade` returns how right a passage is (0-1, nan if unknown), `answers` whether a sentence answers.

    Without `grade`, nothing answers; without `answers`, it is unknown which sentences do. `must` are groups of
    alternative wordings, one of each group is required. `group` is held out together. Of two questions of one `pair`,
    about one article, only one is answered.
    """

    text: str
    group: str
    grade: Callable[[Passage], float] | None
    answers: Holds | None = None
    must: tuple[tuple[str, ...], ...] = ()
    pair: str = ""


@dataclass(frozen=True, slots=True)
class ReaderTask:
    """Questions over documents: of the folder `corpus`, of `files` (text by name), or `readings`.

    `questions` generates them from the passages.
    """

    name: str
    questions: Callable[[Sequence[Passage]], Iterable[TrainingQuestion]]
    corpus: Path | None = None
    files: Mapping[str, str] | None = None
    readings: Sequence[ParsedDocument] = ()


def make_task(name: str, questions: Sequence[TrainingQuestion], **documents: Any) -> ReaderTask:
    """Return a task with given questions."""
    return ReaderTask(name, lambda _: questions, **documents)


_KINDS = {"広報": "notice", "議会": "meeting"}
LABEL_QUESTIONS = {
    "日時 日程 期間": "はいつですか",
    "場所 会場": "はどこでありますか",
    "費用 参加費 料金": "はいくらかかりますか",
    "助成額 補助額 補助金額 支給額": "ではいくらもらえますか",
    "対象 対象者 応募資格": "はだれが対象ですか",
    "定員 募集人数": "は何人までですか",
    "申込み 申込方法 申し込み 応募方法": "はどうやって申し込みますか",
    "問合せ 問い合わせ先": "はどこに聞けばいいですか",
    "持ち物 持参物 必要なもの": "には何を持っていきますか",
    "講師": "の講師はだれですか",
}
"""How a question ends about what the labels of one topic introduce (会場：…), by those labels."""
_SUPPORT = UNREAD_FOLDER / "support.json"


def unread_ids() -> frozenset[str]:
    """Return the articles and speeches of the held-out set, which are not used for training."""
    return frozenset(json.loads(_SUPPORT.read_text("utf-8"))) if _SUPPORT.is_file() else frozenset()


def group_by_issue(file: Path, left_out: Collection[str]) -> dict[tuple[str, str, str], dict[str, dict[str, None]]]:
    """Return the bodies of the articles by issue, municipality and date, and by title; without articles `left_out`."""
    issues: dict[tuple[str, str, str], dict[str, dict[str, None]]] = defaultdict(lambda: defaultdict(dict))
    for article in read_json_lines(file):
        if article["id"] not in left_out:
            issue = (article["issue"], article["municipality"], article["date"].replace(".", "-"))
            issues[issue][article["title"]][article["body"]] = None
    return issues


def build_corpus_files(documents: Mapping[tuple[str, str, str], Mapping[str, Iterable[str]]]) -> dict[str, str]:
    """Return the files of a corpus from texts by heading, by (title, issuer, date)."""
    files = {}
    manifest = []
    for number, ((title, issuer, published), headings) in enumerate(documents.items()):
        files[f"{number}.md"] = f"# {title}\n\n" + "\n\n".join(
            f"## {heading}\n\n" + "\n\n".join(texts) for heading, texts in headings.items()
        )
        kind = next((kind for mark, kind in _KINDS.items() if mark in title), "plan")
        fields = {"id": f"d{number}", "file": f"{number}.md", "title": title, "kind": kind}
        fields |= {"issuer": issuer, "published": published}
        manifest.append("\n".join(f"{k} = {json.dumps(v, ensure_ascii=False)}" for k, v in fields.items()))
    files["manifest.toml"] = "".join(f"[[document]]\n{entry}\n\n" for entry in manifest)
    return files


# Questions written for training (see its README.md).
_QUESTIONS = Path(__file__).with_name("questions")
_FAMILIES = {label: family for family in LABEL_QUESTIONS for label in family.split()}
_LABELLED = re.compile(r"^[・■◇▽□]?\s*([^：:]{2,7})[：:]")
_MARKS = re.compile(r"^[■◇▽□\s]*(?:\(\d+\))?")
_MIN_HEADING_LENGTH = 4


def bulletin_task(file: Path, left_out: Collection[str]) -> ReaderTask:
    """Return questions generated from headings and labels of bulletins (X の会場は?), without articles `left_out`."""
    return ReaderTask("bulletins", _label_questions, files=build_corpus_files(group_by_issue(file, left_out)))


def written_task(shared: Path, left_out: Collection[str], name: str, *series: str) -> ReaderTask:
    """Return the questions of several series of files, over all bulletins and the minutes they are about."""
    lines = [line for name in series for line in read_written_questions(name)]
    articles = {article["id"]: article for article in read_json_lines(shared / "bulletins" / "articles.jsonl")}
    speech_ids = {unit for line in lines for unit in (*line["support"], *line.get("near", ())) if unit not in articles}
    files = build_bulletin_corpus(shared, left_out, speech_ids)
    return make_task(name, [_written_question(line, articles) for line in lines], files=files)


def build_bulletin_corpus(shared: Path, left_out: Collection[str], speech_ids: Collection[str]) -> dict[str, str]:
    """Return the files of a corpus of all bulletins, and of minutes with a speech of `speech_ids`."""
    files = build_corpus_files(group_by_issue(shared / "bulletins" / "articles.jsonl", left_out))
    return files | _add_sittings(shared / "kiryu" / "speeches.jsonl", speech_ids, left_out, files)


def read_written_questions(series: str) -> Iterator[dict[str, Any]]:
    """Yield the questions of the files `{series}-1`, `-2`, … in order of file name."""
    return (line for file in sorted(_QUESTIONS.glob(f"{series}-*.jsonl")) for line in read_json_lines(file))


def _add_sittings(
    file: Path, speech_ids: Collection[str], left_out: Collection[str], files: Mapping[str, str]
) -> dict[str, str]:
    days: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for speech in read_json_lines(file):
        if speech["id"] not in left_out and speech["role"]:
            days[f"{speech['meeting']} {speech['day']}"].append(speech)
    texts = {}
    manifest = files["manifest.toml"]
    for number, (title, speeches) in enumerate(days.items()):
        if not any(speech["id"] in speech_ids for speech in speeches):
            continue
        texts[f"s{number}.txt"] = "\n".join(f"○{speech['role']} {speech['text'].strip()}" for speech in speeches)
        fields = {"id": f"s{number}", "file": f"s{number}.txt", "title": title, "kind": "meeting", "issuer": "桐生市"}
        entry = "\n".join(f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in fields.items())
        manifest += f"[[document]]\n{entry}\n\n"
    return {**texts, "manifest.toml": manifest}


def _written_question(line: dict[str, Any], articles: Mapping[str, dict[str, Any]]) -> TrainingQuestion:
    unit = (line["support"] or line.get("near") or ["silent"])[0]
    group = f"written-{articles[unit]['municipality'] if unit in articles else 'kiryu'}"
    if line["behave"] == "abstain":
        return TrainingQuestion(line["question"], group, None, pair=line.get("pair", ""))
    headings = {articles[unit_id]["title"] for unit_id in line["support"] if unit_id in articles}
    answers = [remove_spaces(answer) for answer in line["answers"]]

    def grade(passage: Passage) -> float:
        share = sum(answer in remove_spaces(passage.text) for answer in answers) / len(answers)
        if not headings or any(is_same_section(heading, h) for heading in headings for h in passage.path):
            return share or (nan if headings else 0.0)
        return nan if share == 1 else 0.0

    def answered(text: str) -> bool:
        return any(answer in remove_spaces(text) for answer in answers)

    return TrainingQuestion(line["question"], group, grade, answered, pair=line.get("pair", ""))


def _label_questions(passages: Sequence[Passage]) -> Iterator[TrainingQuestion]:
    sections: defaultdict[tuple[str, ...], list[Passage]] = defaultdict(list)
    for passage in passages:
        sections[(passage.doc_id, *passage.path)].append(passage)
    headings = Counter(section[-1] for section in sections)
    for section, members in sections.items():
        labelled: defaultdict[str, set[str]] = defaultdict(set)
        for text in (p.text[start:end] for p in members for start, end in unit_spans(p)):
            if (match := _LABELLED.match(text)) and match[1] in _FAMILIES:
                labelled[match[1]].add(text)
        topic = _MARKS.sub("", section[-1])
        random = Random("/".join(section))  # noqa: S311 -- reproducible
        if len(labelled) > 1 and len(topic) >= _MIN_HEADING_LENGTH:
            label = random.choice(sorted(labelled))
            yield _label_question(topic + _question_ending(label, random), section, labelled[label])
            absent = sorted(LABEL_QUESTIONS.keys() - {_FAMILIES[label] for label in labelled})
            if absent and headings[section[-1]] == 1:
                family = random.choice(absent)
                if not any(label in passage.text for passage in members for label in family.split()):
                    yield TrainingQuestion(topic + _question_ending(family.split()[0], random), "bulletins", None)


def _question_ending(label: str, random: Random) -> str:
    return random.choice((f"の{label}は?", LABEL_QUESTIONS[_FAMILIES[label]]))


def _label_question(text: str, section: tuple[str, ...], lines: Collection[str]) -> TrainingQuestion:
    def grade(passage: Passage) -> float:
        if (passage.doc_id, *passage.path) == section and any(line in passage.text for line in lines):
            return 1.0
        return nan if passage.path and passage.path[-1] == section[-1] else 0.0

    return TrainingQuestion(text, "bulletins", grade, lambda unit: unit in lines)
