"""Tests of the export and import of dictionary entries by `python -m bot dictionary`."""

import json
from pathlib import Path

import pytest

from bot.__main__ import main
from bot.dictionary.entries import DictionaryEntry
from bot.service import Service
from ingest.configuration.settings import Settings
from tests.bot.curation.dictionary.conftest import leaflet, service

__all__ = ["leaflet", "service"]


def test_an_exported_file_is_imported(
    service: Service, leaflet: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stored = service.dictionary.save(DictionaryEntry("ジム", "第一体育館"), "安奈")
    file, data = tmp_path / "words.csv", ("--data", str(leaflet.data))
    assert main(["dictionary", "export", str(file), *data]) == 0
    service.dictionary.remove(stored, "安奈")
    assert main(["dictionary", "import", str(file), "--check", *data]) == 0
    assert service.dictionary.entries() == []
    capsys.readouterr()
    assert main(["dictionary", "import", str(file), "--json", *data]) == 0
    assert json.loads(capsys.readouterr().out)["added"][0]["name"] == "ジム"
    assert [entry.name for entry in service.dictionary.entries()] == ["ジム"]
    file.write_text("呼び名,正式な名前\nどこ,第一体育館\n", "utf-8")
    assert main(["dictionary", "import", str(file), *data]) == 2
    assert "2行目" in capsys.readouterr().err
