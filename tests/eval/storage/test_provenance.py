"""The settings in a saved run."""

import json
from pathlib import Path

from pydantic import SecretStr

from eval.storage.provenance import public_settings
from ingest.configuration.settings import Settings


def test_a_saved_run_contains_no_secrets(tmp_path: Path) -> None:
    settings = Settings(
        _env_file=None,
        data=tmp_path,
        llm=[{"base_url": "http://user:hidden-1@llm.example:8080/v1", "api_key": "hidden-2", "model": "small"}],
        database_url=SecretStr("postgresql://user:hidden-3@db.example/shirube"),
    )
    output = json.dumps(public_settings(settings), ensure_ascii=False)
    assert "hidden" not in output
    assert "http://llm.example:8080/v1" in output
    (model,) = json.loads(output)["llm"]
    assert model["model"] == "small"
    assert model["api_key"] == "(設定あり)"
