"""Has a language model judge whether the sentences of an answer follow from its passages, and answer the question."""

import logging
import tomllib
from collections.abc import Collection, Sequence
from importlib.resources import files
from math import inf
from threading import Event, Thread
from typing import Literal

from pydantic import BaseModel, ConfigDict

from bot.answering.llm.chat_model import ChatModel, PromptValue, Task, parse_object
from bot.answering.llm.model_calls import current_budget
from bot.answering.model_answers.materials import as_prompt_data
from bot.answering.state.citation_marks import format_marks
from bot.errors import ModelError

_log = logging.getLogger(__name__)
Judgement = Literal["supported", "contradicted", "not_confirmed", "no_answer"]
# Share of the question's time that must be left for the judge.
_MIN_SHARE_LEFT = 0.15
# A strong judge takes one right sentence of 169 for wrong (decision 063).
_MAX_REJECTED = 1
# Seconds until a failed test is repeated, doubled each time.
_FIRST_RETRY_S = 10.0
_LAST_RETRY_S = 900.0
_UNTESTED = "文を確かめる言語モデルが、見本の文の試験に通っていません"


class Verdict(BaseModel):
    """What the judge says of a sentence, with the difference from the passages in Japanese."""

    model_config = ConfigDict(extra="forbid")
    difference: str
    verdict: Judgement


class JudgeReply(BaseModel):
    """What `prompts/judge.md` asks for."""

    model_config = ConfigDict(extra="forbid")
    verdicts: list[Verdict]


class Judge:
    """Judges the sentences of an answer in one call; safe to share between threads.

    Only models of `names` that passed a test with planted sentences are asked. Until one has, no sentence is confirmed.
    `first_test` is not set while each is tested for the first time; `closed` ends the tests.
    """

    def __init__(self, chat: ChatModel, names: Sequence[str]) -> None:
        self._task = Task("judge", chat, JudgeReply)
        self._names = tuple(dict.fromkeys(names))
        self._trusted: frozenset[str] = frozenset()
        self.first_test, self.closed = Event(), Event()
        self.first_test.set()

    @property
    def is_trusted(self) -> bool:
        return bool(self._trusted)

    def __call__(
        self, sentences: Sequence[tuple[str, Sequence[int]]], passages: PromptValue, situation: str, question: str
    ) -> list[Verdict] | None:
        """Return a verdict for each sentence; None where no model judges in time: then nothing is known.

        Args:
            sentences: the sentences with the numbers of the passages that they cite.
            passages: what the writer read.
            situation: the day and the reader, as the writer saw them.
        """
        if not self._trusted:
            return [Verdict(difference=_UNTESTED, verdict="not_confirmed")] * len(sentences)
        budget = current_budget(0.0)
        if not sentences or budget.left_s < _MIN_SHARE_LEFT * budget.limit_s:
            return None
        try:
            return self._ask(self._trusted, sentences, passages=passages, situation=situation, question=question)
        except ModelError as error:
            _log.warning("文の意味を言語モデルに確かめさせることができません: %s", error)
            return None

    def _ask(
        self,
        models: Collection[str],
        sentences: Sequence[tuple[str, Sequence[int]]],
        question: str,
        **given: PromptValue,
    ) -> list[Verdict]:
        numbered = [
            f"{n}: {as_prompt_data(text)} (箇所 {format_marks(cited)})" for n, (text, cited) in enumerate(sentences, 1)
        ]
        given |= {"question": as_prompt_data(question), "statements": "\n".join(numbered)}
        verdicts = parse_object(self._task.reply(inf, models, **given), JudgeReply).verdicts[: len(sentences)]
        if len(verdicts) < len(sentences):
            raise ModelError(f"言語モデルが確かめた文は {len(sentences)} のうち {len(verdicts)} だけです。")
        return verdicts

    def start_tests(self) -> None:
        """Test the models in the background, and again those that fail, until all have passed."""
        self.first_test.clear()
        Thread(target=self._test_until_passed, name="judge-test", daemon=True).start()

    def _test_until_passed(self) -> None:
        wait_s = _FIRST_RETRY_S
        while True:
            for name in self._names:
                problem = "" if name in self._trusted or self.closed.is_set() else self.test(name)
                if problem and not self.closed.is_set():
                    _log.warning("言語モデル「%s」には、文を確かめさせません。%s", name, problem)
            self.first_test.set()
            if self._trusted.issuperset(self._names) or self.closed.wait(wait_s):
                return
            wait_s = min(2 * wait_s, _LAST_RETRY_S)

    def test(self, name: str) -> str:
        """Have a model judge planted sentences in two orders; return why it cannot be trusted, "" if it can."""
        sample = tomllib.loads(files(__package__).joinpath("judge_test.toml").read_text("utf-8"))
        supported, unsupported = set(sample.pop("supported")), set(sample.pop("unsupported"))
        # Sorted, or their order would tell which are right.
        planted = sorted(supported | unsupported)
        for ordered in (planted, planted[::-1]):
            try:
                verdicts = self._ask([name], [(text, (1, 2)) for text in ordered], **sample)
            except ModelError as error:
                return str(error)
            accepted = {text for text, said in zip(ordered, verdicts, strict=True) if said.verdict == "supported"}
            if wrong := accepted & unsupported:
                return f"見本の誤った文「{min(wrong)}」など{len(wrong)}つを、正しいと判断しました。"
            if len(missed := supported - accepted) > _MAX_REJECTED:
                return f"見本の正しい文「{min(missed)}」など{len(missed)}つを、誤りと判断しました。"
        self._trusted |= {name}
        return ""
