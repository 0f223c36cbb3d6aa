"""Tab in which people judge answers blind to each other, with their agreement, and calibrate a model."""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import datetime, timedelta
from functools import partial
from itertools import combinations
from typing import Literal

import gradio as gr
from pydantic import BaseModel, ConfigDict

from bot.answering.llm.chat_model import Task, escape_prompt_data, parse_object
from bot.answering.model_answers.generate import Generator
from bot.running.auth.person import SignedInPerson
from bot.running.http.form_fields import Fields
from eval.dataset.case import Case
from eval.dataset.case_labels import KIND_LABELS, STATUS_LABELS, kind_order
from eval.errors import EvalError
from eval.metrics.statistics import compute_mean, mcnemar
from eval.scoring.run_record import RunRow
from eval.workbench import marks as marking
from eval.workbench.bench import Bench
from eval.workbench.frame import Changes, Frame, Tab, html_area, render
from eval.workbench.marks import MARKS, MODEL, SAME, Mark, Subject, Verdicts
from ingest.configuration.settings import Settings
from ingest.japanese import normalise_without_spaces
from ingest.japanese.today import JAPAN

Items = Mapping[str, tuple[RunRow, ...]]
"""What is judged by item: one answer, or those of both runs of a blind pair in the order of their names."""
_LARGEST_SAMPLE = 200
_LONGEST_PERIOD_DAYS = 366
Turn = tuple[Subject, str]
"""What is judged now: the subject and its item, "" where its results are shown."""


class MarkingTab(Tab):
    """The tab."""

    name = "marking"

    def __init__(self, frame: Frame) -> None:
        self._bench = frame.bench
        with gr.Row():
            self.subject = gr.Dropdown([], label="採点する回答")
            self.other = gr.Dropdown([], label="伏せて見比べる評価（目かくし）")
        with gr.Accordion("実際の質問から抜き出す", open=False):
            with gr.Row():
                n = gr.Number(50, label=f"問いの数（{_LARGEST_SAMPLE}まで）", precision=0)
                days = gr.Number(7, label="さかのぼる日数", precision=0)
            draw = gr.Button("抜き出す", size="sm")
        self.answer = html_area(elem_id="judged")
        with gr.Column(visible=False) as self.form:
            self.note = gr.Textbox(
                label="覚え書き（先に書いてから、採点を押す）", lines=2, max_length=marking.LONGEST_NOTE
            )
            with gr.Row():
                self.marks = [gr.Button() for _ in MARKS]
            with gr.Row():
                self.previous = gr.Button("前へ", size="sm")
                self.next = gr.Button("次へ", size="sm")
        self.results = html_area(elem_id="results")
        self.judge = gr.Button("言語モデルにも判定させる", visible=False, size="sm")
        self.turn = gr.State()
        self.fields = {"subject": self.subject, "other": self.other}
        parts = [self.form, self.answer, self.note, self.results, self.judge, self.turn]
        self.outputs = [*self.fields.values(), *parts, *self.marks, self.previous, self.next]
        frame.reopen_on([self.subject.input, self.other.input], self)
        frame.on([draw.click], self._draw, [n, days], self.outputs, "抜き出しました。")
        for place, button in enumerate(self.marks):
            save = partial(self._save, place)
            frame.on([button.click], save, [self.turn, self.note], self.outputs, "保存しました。")
        for step, button in ((-1, self.previous), (1, self.next)):
            frame.on([button.click], partial(self._move, step), [self.turn], self.outputs)
        frame.on_steps(self.judge.click, self._judge, [self.turn], self.outputs)

    def open(self, person: SignedInPerson, fields: Fields) -> Changes:
        """Show the next item that this person has not judged, or the results."""
        chosen, other = fields.one("subject"), fields.one("other")
        if not chosen:
            return self._dropdowns(None) | self._hidden() | {self.results: render("marking.html", position=None)}
        if chosen == f"run/{other}":
            raise EvalError("別々の評価を選んでください。")
        return self._show(person, Subject.of(chosen, other))

    def _draw(self, person: SignedInPerson, n: int | None, days: int | None) -> Changes:
        now, days = datetime.now(JAPAN), min(max(int(days or 7), 1), _LONGEST_PERIOD_DAYS)
        recorded = self._bench.recorded_ids(now - timedelta(days=days), now)
        sample = marking.draw_sample(recorded, min(max(int(n or 1), 1), _LARGEST_SAMPLE), now, days)
        self._bench.marks.add_sample(sample)
        return self._show(person, Subject("sample", sample.name))

    def _save(self, place: int, person: SignedInPerson, turn: Turn, note: str) -> Changes:
        subject, item = turn
        if item not in load_items(self._bench, subject):
            raise EvalError("採点していた回答が、もうありません。画面を開き直してください。")
        if is_complete(self._bench, subject, person):
            raise EvalError("この対象の採点は終わっています。")
        allowed = list(_choices(subject, item, person.name))
        mark = Mark(subject, item, person.name, allowed[place], note or "")
        self._bench.marks.add(mark, allowed)
        return self._show(person, subject)

    def _move(self, step: int, person: SignedInPerson, turn: Turn) -> Changes:
        subject, item = turn
        order = _order(subject, load_items(self._bench, subject), person.name)
        return self._show(person, subject, order[(order.index(item) + step) % len(order)])

    def _show(self, person: SignedInPerson, subject: Subject, item: str = "") -> Changes:
        items, verdicts = load_items(self._bench, subject), Verdicts(self._bench.marks.given(subject))
        own = verdicts.by.get(person.name, {})
        undone = [key for key in _order(subject, items, person.name) if key not in own]
        if not undone:
            return self._dropdowns(subject) | self._show_results(person.name, subject, items, verdicts)
        item = item if item in items else undone[0]
        choices, mark = _choices(subject, item, person.name), own.get(item)
        head = render(
            "marking.html",
            position={"done": len(items) - len(undone), "n": len(items), "own": choices[mark.mark] if mark else ""},
        )
        labels = [*choices.values(), ""]
        return self._dropdowns(subject) | {
            **self._hidden(),
            self.form: gr.Column(visible=True),
            self.answer: f"{head}\n\n{self._render_answers(subject, item, items[item], person.name)}",
            self.note: mark.note if mark else "",
            **{
                button: gr.Button(label, visible=bool(label)) for button, label in zip(self.marks, labels, strict=False)
            },
            self.turn: (subject, item),
        }

    def _render_answers(self, subject: Subject, item: str, rows: tuple[RunRow, ...], person: str) -> str:
        if subject.other and _run_a(subject, item, person) != subject.name:
            rows = rows[::-1]
        names = "AB" if subject.other else ["回答"]
        answers = [(name, row, self._bench.sources(row)) for name, row in zip(names, rows, strict=True)]
        return render("answer.html", turns=rows[0].case.turns, answers=answers, judged=False)

    def _show_results(self, person: str, subject: Subject, items: Items, verdicts: Verdicts) -> Changes:
        if subject.other:
            html = _render_preferences(self._bench, subject, items, verdicts, person)
            return self._hidden() | {self.results: html}
        return self._hidden() | {
            self.results: _render_results(self._bench, subject, items, verdicts),
            self.judge: gr.Button(visible=bool(judge_name(self._bench.settings) and items)),
            self.turn: (subject, ""),
        }

    def _judge(self, person: SignedInPerson, turn: Turn) -> Iterator[str | Changes]:
        """Let the model judge what it has not judged; what is done is saved, so that it can be gone on with."""
        bench, (subject, _) = self._bench, turn
        items, name = load_items(bench, subject), MODEL + judge_name(bench.settings)
        judged = Verdicts(bench.marks.given(subject)).marks(name)
        with closing(Generator(bench.settings.model_copy(update={"llm_gguf": None}))) as generator:
            for done, (item, (row,)) in enumerate(items.items(), 1):
                yield f"言語モデルが判定しています（{len(items)}問中{done}問）。"
                if item not in judged and row.answer:
                    mark, note = judge_answer(bench, generator, row)
                    bench.marks.add(Mark(subject, item, name, mark, note[: marking.LONGEST_NOTE]), MARKS)
        yield self._show(person, subject)

    def _hidden(self) -> Changes:
        return {
            **dict.fromkeys((self.answer, self.note, self.results), ""),
            self.form: gr.Column(visible=False),
            self.judge: gr.Button(visible=False),
            self.turn: None,
        }

    def _dropdowns(self, subject: Subject | None) -> Changes:
        runs = self._bench.runs.choices()
        samples = [
            (f"{one.first_day} から {one.last_day} の質問（{len(one.answers)}問）", f"sample/{one.name}")
            for one in self._bench.marks.samples().values()
        ]
        choices = [*samples, *((f"評価 {title}", f"run/{name}") for title, name in runs)]
        return {
            self.subject: gr.Dropdown(choices, value=f"{subject.kind}/{subject.name}" if subject else None),
            self.other: gr.Dropdown([("—", ""), *runs], value=subject.other if subject else ""),
        }


def load_items(bench: Bench, subject: Subject) -> Items:
    """Return what is to be judged by item, of a blind pair where the words differ. Raises EvalError."""
    if subject.kind == "sample":
        recorded = bench.recorded_answers(tuple(bench.marks.sample(subject.name).answers))
        cases = {"id": "recorded", "behave": "abstain"}
        return {
            item: (RunRow(Case(kind=answer["status"], turns=tuple(turns), **cases), answer, (), ""),)
            for item, (turns, answer) in recorded.items()
        }
    rows = bench.runs.rows(subject.name)
    if not subject.other:
        keys = sorted(rows, key=lambda key: kind_order(rows[key].case.kind))
        return {"/".join(key): (rows[key],) for key in keys}
    others = bench.runs.rows(subject.other)
    pairs = {"/".join(key): (rows[key], others[key]) for key in rows if key in others}
    return {item: pair for item, pair in pairs.items() if len(set(map(_plain_answer, pair))) > 1}


def is_complete(bench: Bench, subject: Subject, person: SignedInPerson) -> bool:
    """Whether a person has judged every item, so that the marks of others may be seen. Raises as `load_items`."""
    return load_items(bench, subject).keys() <= Verdicts(bench.marks.given(subject)).marks(person.name).keys()


def _plain_answer(row: RunRow) -> str:
    return normalise_without_spaces(row.answer["answer"]) if row.answer else ""


def _order(subject: Subject, items: Items, person: str) -> list[str]:
    # No item is the last for everybody, but a run begins with ordinary questions.
    is_plain_run = subject.kind == "run" and not subject.other
    return list(items) if is_plain_run else sorted(items, key=lambda item: subject.draw(item, person, "order"))


def _run_a(subject: Subject, item: str, person: str) -> str:
    return subject[1:][subject.draw(item, person, "side") % 2]


def _choices(subject: Subject, item: str, person: str) -> dict[str, str]:
    if not subject.other:
        return MARKS
    run_a = _run_a(subject, item, person)
    run_b = next(run for run in subject[1:] if run != run_a)
    return {run_a: "A がよい", SAME: "どちらも同じ", run_b: "B がよい"}


def _render_preferences(bench: Bench, subject: Subject, items: Items, verdicts: Verdicts, person: str) -> str:
    titles = {name: title for title, name in bench.runs.choices()}
    rows = []
    for called, people in {"自分": [person], "全員": verdicts.people}.items():
        better = Counter(mark for one in people for item, mark in verdicts.marks(one).items() if item in items)
        first, second = (better[run] for run in subject[1:])
        rows.append((called, first, second, better[SAME], f"{mcnemar(first, second):.3f}"))
    heads = ["判定した人", *(f"{titles[run]} がよい" for run in subject[1:]), "同じ", "p（符号検定）"]
    return render("preferences.html", subject=subject, heads=heads, rows=rows, n=len(items))


def _render_results(bench: Bench, subject: Subject, items: Items, verdicts: Verdicts) -> str:
    agreed = {item: mark for item, mark in verdicts.agreed.items() if item in items}
    kinds = {item: row.case.kind for item, (row, *_) in items.items()}
    counts = Counter((kinds[item], mark) for item, mark in agreed.items())
    labels, model = STATUS_LABELS | KIND_LABELS, judge_name(bench.settings)
    agreements = [
        (one, other, marking.measure_agreement(verdicts.marks(one), verdicts.marks(other)))
        for one, other in combinations(verdicts.people, 2)
    ]
    split = [
        (" → ".join(items[item][0].case.turns), "、".join(f"{person}: {MARKS[mark]}" for person, mark in said.items()))
        for item, said in verdicts.split.items()
        if item in items
    ]
    return render(
        "results.html",
        subject=subject,
        rows=[
            (labels.get(kind, kind), n, *(counts[kind, mark] for mark in MARKS))
            for kind, n in Counter(kinds.values()).items()
        ],
        any=bool(items),
        marks=MARKS,
        share=compute_mean((item, float(mark == "right")) for item, mark in agreed.items()),
        pairs=[pair for pair in agreements if pair[-1]],
        split=split,
        people=verdicts.people,
        model=model,
        calibration=marking.measure_agreement(agreed, verdicts.marks(MODEL + model)),
    )


class MarkReply(BaseModel):
    """What `prompts/mark.md` asks for."""

    model_config = ConfigDict(extra="forbid")
    reason: str
    mark: Literal["right", "partly", "wrong", "harmful"]


# Of each cited passage: a long one is judged by its beginning and the quote.
_PASSAGE_CHARS = 1500


def judge_name(settings: Settings) -> str:
    """Return the name of the model that judges; "" if none is set. One on this machine is too small to judge."""
    return settings.llm[0].model if settings.llm else ""


def judge_answer(bench: Bench, generator: Generator, row: RunRow) -> tuple[str, str]:
    """Return a mark and its reason for an answer, judged by the passages that it cites. Raises ModelError."""
    sources = bench.sources(row)
    assert row.answer is not None
    assert sources is not None
    passages = [
        f"[{one.n}] {one.title} {one.section}\n{sources.passages.get(one.passage_id, '')[:_PASSAGE_CHARS]}\n{one.quote}"
        for one in sources.citations
    ]
    text = Task("mark", generator.chat, MarkReply).reply(
        passages=escape_prompt_data("\n\n".join(passages)),
        question=escape_prompt_data("\n".join(row.case.turns)),
        answer=escape_prompt_data(row.answer["answer"]),
    )
    reply = parse_object(text, MarkReply)
    return reply.mark, reply.reason
