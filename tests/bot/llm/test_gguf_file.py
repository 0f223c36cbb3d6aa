"""A file that the settings name as a local model: what is wrong with it is said before anything is loaded."""

import subprocess
import sys
from pathlib import Path

import pytest

from bot.errors import LocalModelError
from bot.llm.gguf_file import check_gguf
from bot.service import open_service
from ingest.configuration.settings import Settings
from tests.conftest import ROOT

BROKEN = {
    "empty": b"",
    "of another kind": b"PK\x03\x04" + bytes(100),
    "cut within its head": b"GGUF\x03\x00\x00\x00",
    "of an old version": b"GGUF\x01\x00\x00\x00" + bytes(8) + b"\x01" + bytes(100),
    "without a tensor": b"GGUF\x03\x00\x00\x00" + bytes(100),
    "a page that was saved in its place": "<html>ログイン</html>".encode(),
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN.keys())
def test_what_is_no_gguf_is_refused(tmp_path: Path, content: bytes) -> None:
    """The error names the setting and the file."""
    file = tmp_path / "model.gguf"
    file.write_bytes(content)
    with pytest.raises(LocalModelError, match=r"SHIRUBE_LLM_GGUF.*model\.gguf.*GGUF"):
        check_gguf(file)


def test_the_service_does_not_start_without_its_file(tmp_path: Path) -> None:
    """A file that is not there is an error at the start, not with the first question."""
    settings = Settings(_env_file=None, data=tmp_path, llm_gguf=tmp_path / "none.gguf")
    with pytest.raises(LocalModelError, match=r"SHIRUBE_LLM_GGUF.*none\.gguf.*読めません"), open_service(settings):
        pass


def test_a_missing_extra_is_named(tmp_path: Path) -> None:
    """Who has the file but not the engine is told how to install it."""
    file = tmp_path / "model.gguf"
    file.write_bytes(b"GGUF\x03\x00\x00\x00\x01" + bytes(100))
    code = f"""
import sys
sys.modules["xllamacpp"] = None
from pathlib import Path
from bot.llm.gguf_file import check_gguf
try:
    check_gguf(Path({str(file)!r}))
except Exception as error:
    print(type(error).__name__, error)
"""
    told = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert told.startswith("LocalModelError")
    assert "make setup-llm" in told
