"""Tests that each text is encoded once, also over interrupted builds."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from ingest.build.build import build
from ingest.configuration.settings import Settings
from ingest.errors import IngestError
from ingest.index.index import open_index
from tests.ingest.small_corpus import LetterEncoder, make_corpus, make_settings

PLACES = ("港", "丘", "川", "森", "橋", "駅", "寺", "畑", "池", "浜")


class TiredEncoder(LetterEncoder):
    """Fails at the text that names `place`, as a full disk or a power cut ends a build anywhere."""

    def __init__(self, place: str) -> None:
        super().__init__()
        self._place = place

    def encode_documents(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return (len(texts), dimension)."""
        if any(self._place in text for text in texts):
            raise IngestError("疲れました。")
        return super().encode_documents(texts)


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setattr("ingest.build.embedding._BATCH_SIZE", 2)
    text = "# 案内\n\n" + "\n\n".join(f"## {place}\n\n{place}の案内です。" for place in PLACES)
    make_corpus(tmp_path / "corpus", guide=text)
    return make_settings(tmp_path)


def stopped(settings: Settings) -> int:
    """Build until the ninth place, and return how many texts were encoded and kept."""
    corpus = settings.data.parent / "corpus"
    with pytest.raises(IngestError, match="疲れ"):
        build(settings, [corpus], encoder=TiredEncoder(PLACES[8]))
    (digests,) = (settings.data / "unfinished").glob("*.digests")
    return digests.stat().st_size // 16


def finished(settings: Settings) -> int:
    """Build to the end, check every vector, and return how many texts were encoded."""
    encoder = LetterEncoder()
    build(settings, [settings.data.parent / "corpus"], encoder=encoder)
    with open_index(settings) as index:
        texts = [f"案内 > {place}\n{place}の案内です。" for place in PLACES]
        np.testing.assert_allclose(index.vectors, LetterEncoder().encode_documents(texts), atol=1e-3)
    assert not (settings.data / "unfinished").exists()
    return len(encoder.asked)


def test_vectors_of_an_interrupted_build_are_reused(settings: Settings) -> None:
    kept = stopped(settings)
    assert 2 <= kept <= 8
    assert finished(settings) == len(PLACES) - kept


@pytest.mark.parametrize(("kind", "torn"), [("vectors", 5), ("digests", 3), ("vectors", 300)])
def test_truncated_vectors_are_encoded_again(settings: Settings, kind: str, torn: int) -> None:
    kept = stopped(settings)
    (file,) = (settings.data / "unfinished").glob(f"*.{kind}")
    file.write_bytes(file.read_bytes()[:-torn])
    whole = file.stat().st_size // (16 if kind == "digests" else 4 * 64)
    assert finished(settings) == len(PLACES) - whole
    assert whole < kept


def test_vectors_of_another_encoder_are_not_reused(settings: Settings) -> None:
    stopped(settings)
    other = LetterEncoder("other letters", 32)
    build(settings.model_copy(update={"encoder": other.name}), [settings.data.parent / "corpus"], encoder=other)
    assert len(other.asked) == len(PLACES)


def test_equal_texts_are_encoded_once(tmp_path: Path) -> None:
    text = "# 案内\n\n窓口は朝に開きます。\n"
    corpus, settings = make_corpus(tmp_path / "corpus", one=text, two=text), make_settings(tmp_path)
    encoder = LetterEncoder()
    assert build(settings, [corpus], encoder=encoder).embedded == 2
    assert len(encoder.asked) == 1
    with open_index(settings) as index:
        np.testing.assert_array_equal(index.vectors[0], index.vectors[1])
        assert index.vectors[0].any()
