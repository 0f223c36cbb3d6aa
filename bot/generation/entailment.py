"""Asks a model, once for all sentences of an answer, whether each follows from its quotes."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from bot.errors import ModelError
from bot.generation.generate import Generator
from bot.generation.materials import as_prompt_data
from bot.llm.call_budget import current_budget

_log = logging.getLogger(__name__)
# Share of the question's time that must be left for the check.
_MIN_SHARE_LEFT = 0.15


@dataclass(frozen=True, slots=True)
class SupportedSentence:
    """A sentence to be checked with the words that are to support it, and the title and headings above these."""

    text: str
    heading: str
    support: Sequence[str]


def find_unsupported(
    generator: Generator, sentences: Sequence[SupportedSentence], question: str
) -> dict[int, str] | None:
    """Return why sentences do not follow from their support, by their index.

    None where no model can judge, too little time is left, or the model fails: then nothing is known.
    """
    budget = current_budget(0.0)
    if not sentences or not generator.can_judge_entailment or budget.left_s < _MIN_SHARE_LEFT * budget.limit_s:
        return None
    statements = [_format(number, sentence) for number, sentence in enumerate(sentences, 1)]
    try:
        reply = generator.entailment.structured(statements=statements, question=as_prompt_data(question))
    except ModelError as error:
        _log.warning("文の意味を言語モデルに確かめさせることができません: %s", error)
        return None
    verdicts = reply["verdicts"][: len(sentences)]
    if len(verdicts) < len(sentences):
        _log.warning("言語モデルが確かめた文は %d のうち %d だけです", len(sentences), len(verdicts))
        return None
    return {
        index: str(verdict["difference"]).strip() or "資料の言うことと意味が違います"
        for index, verdict in enumerate(verdicts)
        if not verdict["supported"]
    }


def _format(number: int, sentence: SupportedSentence) -> str:
    support = "\n".join(sentence.support)
    return as_prompt_data(f"{number}\n資料({sentence.heading}): {support}\n文: {sentence.text}")
