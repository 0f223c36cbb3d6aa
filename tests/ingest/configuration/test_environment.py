from pathlib import Path

import pytest

from ingest.configuration.environment import read_settings
from ingest.errors import SettingsError


def test_models_are_in_numeric_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    lines = ["SHIRUBE_LLM__10__BASE_URL=http://ten/v1", "SHIRUBE_LLM__9__BASE_URL=http://nine/v1"]
    (tmp_path / ".env").write_text("\n".join([*lines, "SHIRUBE_LLM__1__MODEL=default"]), "utf-8")
    assert [model.base_url for model in read_settings().llm] == ["http://nine/v1", "http://ten/v1"]


@pytest.mark.parametrize("line", ["SHIRUBE_LLM=http://a/v1", "SHIRUBE_LLM__1__URL=http://a/v1"])
def test_an_invalid_model_setting_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text(line, "utf-8")
    with pytest.raises(SettingsError, match="SHIRUBE_LLM__1__BASE_URL"):
        read_settings()
