"""Actions of staff at the desk of the invented city."""

from dataclasses import replace
from typing import Any

from bot.answers.curated_records import AnswerProposal, CuratedAnswer, ProposedSource
from bot.service import Service

UNKNOWN = "環境の講座に申し込む課の電話番号を教えてください"
"""A question that the city's documents do not answer."""
REWORDED = "環境の講座に申し込む課の電話番号は?"
COUNTER = "補助の窓口は市役所2階の環境政策課です。"
"""Words of the passage that staff answer it with."""


def proposal(service: Service, **changes: Any) -> AnswerProposal:
    found = [hit.passage for hit in service.search("太陽光パネル 補助 窓口") if COUNTER in hit.passage.text]
    return replace(AnswerProposal(COUNTER, (ProposedSource(found[0].id, COUNTER),), (UNKNOWN,), "窓口 花子"), **changes)


def published(service: Service, **changes: Any) -> CuratedAnswer:
    return service.desk.publish(proposal(service, **changes))
