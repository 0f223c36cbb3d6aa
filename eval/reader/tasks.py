"""What the reader learns from and is measured by: questions with the passages, sentences and facts that answer them."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import nan
from pathlib import Path
from random import Random
from typing import Any

from bot.reader.units import units
from eval.ranked.beir import load_beir
from eval.ranked.indexed import one_passage
from eval.ranked.retrieval import readings as entries
from eval.reading.squad import evenly, load_squad
from eval.regression.data import Case, load_cases
from eval.regression.matching import holds, same_section
from eval.regression.sets import own_sets
from eval.runs.lines import placed_lines
from ingest.documents import Passage, Reading

Holds = Callable[[str], bool]
QUESTIONS = Path(__file__).with_name("questions")
"""What was written to learn from: README.md there."""
UNREAD = Path(__file__).parents[1] / "cases" / "unread" / "support.json"
_LONG_ENOUGH = 10
_KINDS = {"広報": "notice", "議会": "meeting"}


@dataclass(frozen=True, slots=True)
class Question:
    """A question: `grade` tells how right a passage is (0-1, nan for unknown), `answers` whether a sentence answers.

    No grade: nothing answers. No `answers`: which sentences do is not known. `must` are groups of wordings of which
    one each has to be shown. `group` is the town or set that is left out together.
    """

    text: str
    group: str
    grade: Callable[[Passage], float] | None
    answers: Holds | None = None
    must: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Task:
    """Questions over documents: those in the folder `corpus`, those of `files` (name: text), or `readings`.

    `questions` makes them of the passages that the documents are cut into.
    """

    name: str
    questions: Callable[[Sequence[Passage]], Iterable[Question]]
    corpus: Path | None = None
    files: Mapping[str, str] | None = None
    readings: Sequence[Reading] = ()


def _task(name: str, questions: Sequence[Question], **documents: Any) -> Task:
    return Task(name, lambda _: questions, **documents)


def tasks(shared: Path, contexts: int) -> Iterator[Task]:
    """Yield all tasks; `shared` is the folder of the public sets, `contexts` how many questions of JaQuAD are used."""
    yield from own()
    yield towns(shared / "towns")
    yield replies(shared / "replies" / "replies.jsonl")
    left_out = frozenset(json.loads((shared / "towns" / "support.json").read_text("utf-8"))) | _unread()
    yield bulletins(shared / "bulletins" / "articles.jsonl", left_out)
    yield written(shared, left_out)
    yield citizens(shared / "localgovfaq")
    yield squad(shared / "training" / "jaquad-train.json", contexts)


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
        yield _task(f"own-{corpus.name}", [_case(case, f"own-{corpus.name}") for case in single], corpus=corpus)


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
    for line in _lines(folder / "questions.jsonl"):
        if len(line["turns"]) > 1 or line["behave"] == "clarify":
            continue
        group = f"towns-{line['doc'].split('-')[0]}"
        cited = [(support[name]["doc"], support[name]["heading"]) for name in line["support"]]
        if line["behave"] == "abstain":
            questions.append(Question(line["turns"][0], group, None))
        else:
            questions.append(_by_facts(line["turns"][0], group, line["must"], _in_sections(cited)))
    return _task("towns", questions, corpus=folder / "corpus")


def _in_sections(cited: Sequence[tuple[str, str]]) -> Callable[[Passage], bool]:
    """Return whether a passage stands under a heading that is cited; minutes have no headings."""
    return lambda passage: any(
        passage.doc_id == d and (len(passage.path) == 1 or any(same_section(h, s) for h in passage.path))
        for d, s in cited
    )


def replies(file: Path) -> Task:
    """Return the questions of the model-like replies over all passages shown; right is what the replies quote."""
    lines = list(_lines(file))
    documents: dict[tuple[str, str, str], dict[str, dict[str, None]]] = {}
    for line in lines:
        for shown in line["passages"]:
            headings = documents.setdefault((shown["title"], shown["issuer"], shown["published"]), {})
            headings.setdefault(shown["heading"], {})[shown["text"]] = None
    return _task("replies", [q for line in lines for q in _reply(line)], files=_files(documents))


def _files(documents: Mapping[tuple[str, str, str], Mapping[str, Iterable[str]]]) -> dict[str, str]:
    """Return a corpus folder: by title, issuer and day the texts by heading."""
    files, manifest = {}, []
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


def _reply(line: dict[str, Any]) -> Iterator[Question]:
    group = f"replies-{line['set']}"
    said = [s for number, s in enumerate(line["reply"]) if line["right"] or number != line["wrong_sentence"]]
    quotes = [_plain(quote) for sentence in said for quote in sentence["quotes"]]
    if not quotes and line["kind"] == "absent":
        yield Question(line["question"], group, None)
    if quotes:

        def answers(text: str) -> bool:
            text = _plain(text)
            return any(quote in text or (len(text) >= _LONG_ENOUGH and text in quote) for quote in quotes)

        yield Question(
            line["question"], group, lambda passage: float(any(map(answers, passage.text.splitlines()))), answers
        )


def _plain(text: str) -> str:
    return re.sub(r"\s", "", text)


# What bulletins say before a colon, by what it tells, and how a question ends that asks for it.
_LABELS = {
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
_FAMILIES = {label: family for family in _LABELS for label in family.split()}
_LABELLED = re.compile(r"^[・■◇▽□]?\s*([^：:]{2,7})[：:]")
_MARKS = re.compile(r"^[■◇▽□\s]*(?:\(\d+\))?")
_LEAST_HEADING = 4


def _unread() -> frozenset[str]:
    """Return the articles and speeches of the set that nobody reads: nothing is learned of them either."""
    return frozenset(json.loads(UNREAD.read_text("utf-8"))) if UNREAD.is_file() else frozenset()


def bulletins(file: Path, left_out: Collection[str]) -> Task:
    """Return questions made of headings and labels (X の会場は?) over bulletins, without the articles `left_out`."""
    return Task("bulletins", _labelled, files=_files(_issues(file, left_out)))


def _issues(file: Path, left_out: Collection[str]) -> dict[tuple[str, str, str], dict[str, dict[str, None]]]:
    issues: dict[tuple[str, str, str], dict[str, dict[str, None]]] = defaultdict(lambda: defaultdict(dict))
    for article in _lines(file):
        if article["id"] not in left_out:
            issue = (article["issue"], article["municipality"], article["date"].replace(".", "-"))
            issues[issue][article["title"]][article["body"]] = None
    return issues


def written(shared: Path, left_out: Collection[str]) -> Task:
    """Return the questions that were written to learn from, over all bulletins and the sittings that they are about."""
    lines = [line for file in sorted(QUESTIONS.glob("*.jsonl")) for line in _lines(file)]
    articles = {article["id"]: article for article in _lines(shared / "bulletins" / "articles.jsonl")}
    files = _files(_issues(shared / "bulletins" / "articles.jsonl", left_out))
    wanted = {unit for line in lines for unit in (*line["support"], *line.get("near", ())) if unit not in articles}
    files |= _sittings(shared / "kiryu" / "speeches.jsonl", wanted, left_out, files)
    return _task("written", [_written(line, articles) for line in lines], files=files)


def _sittings(
    file: Path, wanted: Collection[str], left_out: Collection[str], files: Mapping[str, str]
) -> dict[str, str]:
    """Return a text for each sitting day of which a speech is wanted, and the manifest of `files` with them added."""
    days: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for speech in _lines(file):
        if speech["id"] not in left_out and speech["role"]:
            days[f"{speech['meeting']} {speech['day']}"].append(speech)
    texts, manifest = {}, files["manifest.toml"]
    for number, (title, said) in enumerate(days.items()):
        if not any(speech["id"] in wanted for speech in said):
            continue
        texts[f"s{number}.txt"] = "\n".join(f"○{speech['role']} {speech['text'].strip()}" for speech in said)
        fields = {"id": f"s{number}", "file": f"s{number}.txt", "title": title, "kind": "meeting", "issuer": "桐生市"}
        entry = "\n".join(f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in fields.items())
        manifest += f"[[document]]\n{entry}\n\n"
    return {**texts, "manifest.toml": manifest}


def _written(line: dict[str, Any], articles: Mapping[str, dict[str, Any]]) -> Question:
    """Grade the passages of the article by their share of the answers; of minutes, those that hold them."""
    unit = (line["support"] or line.get("near") or ["silent"])[0]
    group = f"written-{articles[unit]['municipality'] if unit in articles else 'kiryu'}"
    if line["behave"] == "abstain":
        return Question(line["question"], group, None)
    headings = {articles[one]["title"] for one in line["support"] if one in articles}
    answers = [_plain(answer) for answer in line["answers"]]

    def grade(passage: Passage) -> float:
        share = sum(answer in _plain(passage.text) for answer in answers) / len(answers)
        if not headings or any(same_section(heading, h) for heading in headings for h in passage.path):
            return share or (nan if headings else 0.0)
        return nan if share == 1 else 0.0

    def answered(text: str) -> bool:
        return any(answer in _plain(text) for answer in answers)

    return Question(line["question"], group, grade, answered)


def _labelled(passages: Sequence[Passage]) -> Iterator[Question]:
    """Yield for each heading with two labels a question for one under it, and one for what it does not tell."""
    sections: defaultdict[tuple[str, ...], list[Passage]] = defaultdict(list)
    for passage in passages:
        sections[(passage.doc_id, *passage.path)].append(passage)
    headings = Counter(section[-1] for section in sections)
    for section, members in sections.items():
        told: defaultdict[str, set[str]] = defaultdict(set)
        for text in (p.text[start:end] for p in members for start, end in units(p)):
            if (match := _LABELLED.match(text)) and match[1] in _FAMILIES:
                told[match[1]].add(text)
        topic = _MARKS.sub("", section[-1])
        random = Random("/".join(section))  # noqa: S311 -- the same questions each time
        if len(told) > 1 and len(topic) >= _LEAST_HEADING:
            label = random.choice(sorted(told))
            yield _about(topic + _asked(label, random), section, told[label])
            absent = sorted(_LABELS.keys() - {_FAMILIES[each] for each in told})
            if absent and headings[section[-1]] == 1:
                family = random.choice(absent)
                if not any(each in passage.text for passage in members for each in family.split()):
                    yield Question(topic + _asked(family.split()[0], random), "bulletins", None)


def _asked(label: str, random: Random) -> str:
    return random.choice((f"の{label}は?", _LABELS[_FAMILIES[label]]))


def _about(text: str, section: tuple[str, ...], lines: Collection[str]) -> Question:
    def grade(passage: Passage) -> float:
        if (passage.doc_id, *passage.path) == section and any(line in passage.text for line in lines):
            return 1.0
        return nan if passage.path and passage.path[-1] == section[-1] else 0.0

    return Question(text, "bulletins", grade, lambda unit: unit in lines)


def citizens(folder: Path) -> Task:
    """Return citizens' questions over a city's FAQ, judged by the entry; the sentences are not."""
    beir = load_beir(folder, "dev")
    worth = {0: 0.0, 1: 0.4, 2: 1.0}

    def graded(grades: Mapping[str, int]) -> Callable[[Passage], float]:
        return lambda passage: worth[grades.get(passage.doc_id, 0)]

    asked = [Question(query.text, "faq", graded(beir.grades[query.id])) for query in beir.queries]
    asked += [Question(line["text"], "faq", None) for line in _lines(folder / "noanswer.jsonl")]
    return _task("faq", asked, readings=entries(beir.corpus))


def squad(file: Path, most: int) -> Task:
    """Return a set in the format of SQuAD over all of its contexts; other contexts that hold the answer may do, too."""
    found = load_squad(file)

    def question(text: str, context: int, answers: tuple[str, ...]) -> Question:
        def grade(passage: Passage) -> float:
            if passage.doc_id == str(context):
                return 1.0
            return nan if any(answer in passage.text for answer in answers) else 0.0

        return Question(text, file.stem, grade, lambda unit: any(answer in unit for answer in answers))

    asked = [question(q.text, q.context, q.answers) for q in evenly(found.questions, most)]
    contexts = [one_passage(str(n), context.title, context.text) for n, context in enumerate(found.contexts)]
    return _task(file.stem, asked, readings=contexts)


def _lines(file: Path) -> Iterator[dict[str, Any]]:
    return (json.loads(line) for _, line in placed_lines(file))
