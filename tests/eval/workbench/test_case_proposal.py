"""What a case about an answer begins with."""

from pathlib import Path

import pytest

from bot.errors import UnknownAnswerError
from bot.http.form_fields import Fields
from eval.workbench.bench import open_bench
from eval.workbench.case_proposal import propose_case
from ingest.configuration.settings import Settings
from tests.bot.fixed_service import StandIn


def test_a_conversation_without_a_question_is_an_error(tmp_path: Path) -> None:
    service = StandIn()
    service.told_in["empty"] = []
    bench = open_bench(service, Settings(_env_file=None, data=tmp_path))
    with pytest.raises(UnknownAnswerError, match="まだ質問がありません"):
        propose_case(bench, Fields([("conversation", "empty"), ("answer", "a")]))
