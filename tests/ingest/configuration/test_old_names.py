"""Tests of settings with the names of earlier versions."""

from pathlib import Path

import pytest

from ingest.configuration.environment import read_settings
from ingest.errors import SettingsError

OLD = """
SHIRUBE_LLM_BASE_URL=http://a/v1
SHIRUBE_LLM_API_KEY=k-hidden
SHIRUBE_LLM_3_BASE_URL=http://c/v1
SHIRUBE_LLM_3_TEMPERATURE=0.5
"""


def test_a_model_with_old_setting_names_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text(OLD, "utf-8")
    first, second = read_settings().llm
    assert first.base_url == "http://a/v1"
    assert first.key == "k-hidden"
    assert second.base_url == "http://c/v1"
    assert second.temperature == 0.5
    assert "SHIRUBE_LLM_3_TEMPERATURE は古い書き方です。SHIRUBE_LLM__3__TEMPERATURE" in caplog.text
    assert "k-hidden" not in caplog.text


def test_new_setting_names_have_priority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text(f"{OLD}SHIRUBE_LLM__2__BASE_URL=http://b/v1\n", "utf-8")
    assert [model.base_url for model in read_settings().llm] == ["http://b/v1"]


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
