"""Tests that an incremental build gives the index of a full one and processes only new documents."""

from pathlib import Path

import numpy as np

from ingest.build.build import ADAPT, build
from ingest.configuration.settings import Settings
from ingest.index.generation import load_generation
from ingest.index.index import Index, open_index
from ingest.japanese.tokenise import words
from tests.ingest.small_corpus import LetterEncoder, make_corpus, make_settings

WARDS = ("北", "南", "東", "西", "中央", "港", "山手", "川端")
MATTERS = {
    "道路": "道路の補修は土木課が年に{n}回行い、路面の傷みを見回ります。",
    "公園": "公園の遊具は造園課が{n}か月ごとに点検し、古いものを取り替えます。",
    "防災": "防災の訓練は危機管理課が{n}月に開き、避難所の運営を確かめます。",
    "図書": "図書館は{n}時に開き、返却箱はいつでも使えます。",
}
ASKED = ("遊具の点検はいつ", "避難所の訓練", "図書館が開く時刻", "港地区の道路の補修", "返却箱")


def ward(name: str, n: int) -> str:
    sections = (f"## {matter}\n\n{name}地区の{text.format(n=n)}\n" for matter, text in MATTERS.items())
    return f"# {name}地区\n\n" + "\n".join(sections)


def corpus_of(folder: Path, count: int, **more: str) -> Path:
    texts = {f"ward{n}": ward(name, n + 1) for n, name in enumerate(WARDS[:count])}
    return make_corpus(folder, **(texts | more))


def ranked(index: Index, text: str) -> tuple[list[str], list[str]]:
    """Return the passages in the order of their word scores and of their meaning."""
    scores = index.keyword.score_texts(words(text))
    rows, _ = index.nearest_passages(LetterEncoder().encode_query(text), index.lexicon.pooled(words(text)), 10)
    return [index.passages[i].id for i in np.argsort(-scores, kind="stable")], [index.passages[i].id for i in rows]


def grown(settings: Settings, corpus: Path) -> None:
    """Index seven documents, then an eighth, one of the seven changed and one gone."""
    corpus_of(corpus, 7)
    build(settings, [corpus], encoder=LetterEncoder(), full=True)
    corpus_of(corpus, 8, ward0=ward("北", 12))
    (corpus / "ward1.md").unlink()
    manifest = corpus / "manifest.toml"
    entries = manifest.read_text("utf-8").split("[[document]]")
    manifest.write_text("[[document]]".join(entry for entry in entries if "ward1" not in entry), "utf-8")
    build(settings, [corpus], encoder=LetterEncoder())


def stored_statistics(settings: Settings) -> dict[str, bytes]:
    """Return the term statistics of the index in service by file."""
    folder = settings.data / "generations" / load_generation(settings).name
    parts = ("keyword", "flow", "letters", "lexicon")
    files = [folder / "contexts.npy", *(file for part in parts for file in (folder / part).iterdir())]
    return {str(file.relative_to(folder)): file.read_bytes() for file in files}


def test_without_adaptation_an_incremental_build_equals_a_full_one(tmp_path: Path) -> None:
    settings = make_settings(tmp_path, adapt=False)
    grown(settings, tmp_path / "corpus")
    before = stored_statistics(settings)
    build(settings, [tmp_path / "corpus"], encoder=LetterEncoder(), full=True)
    assert stored_statistics(settings) == before
    assert len(before) > 10


def test_without_adaptation_an_incremental_build_ranks_the_same_passages(tmp_path: Path) -> None:
    settings = make_settings(tmp_path, adapt=False)
    grown(settings, tmp_path / "corpus")
    with open_index(settings) as index:
        before = [ranked(index, text) for text in ASKED]
    build(settings, [tmp_path / "corpus"], encoder=LetterEncoder(), full=True)
    with open_index(settings) as index:
        assert [ranked(index, text) for text in ASKED] == before


def adapted_stages(settings: Settings, corpus: Path) -> bool:
    stages: set[str] = set()
    build(settings, [corpus], encoder=LetterEncoder(), progress=lambda stage, *_: stages.add(stage))
    return ADAPT in stages


def test_word_vectors_are_kept_until_a_fifth_of_the_passages_changed(tmp_path: Path) -> None:
    settings, corpus = make_settings(tmp_path, adapt=True), tmp_path / "corpus"
    long = "# 沿革\n\n" + "\n".join(f"## {n}年度\n\n{n}年度に{n}件を扱いました。\n" for n in range(10, 30))
    make_corpus(corpus, long=long)
    assert adapted_stages(settings, corpus)
    make_corpus(corpus, long=long, a="# 甲\n\n甲の案内です。\n", b="# 乙\n\n乙の案内です。\n")
    assert not adapted_stages(settings, corpus)
    assert load_generation(settings).moved == 2
    make_corpus(corpus, long=long, c="# 丙\n\n丙の案内です。\n")
    assert adapted_stages(settings, corpus)
    assert load_generation(settings).moved == 0


def test_known_words_keep_their_vectors_and_new_ones_get_one(tmp_path: Path) -> None:
    settings, corpus = make_settings(tmp_path, adapt=True), tmp_path / "corpus"
    corpus_of(corpus, 8)
    build(settings, [corpus], encoder=LetterEncoder())
    with open_index(settings) as index:
        before = index.lexicon.look_up(["遊具", "訓練"])
        word_vectors = np.array(index.word_vectors)
    corpus_of(corpus, 8, zoo="# 動物園\n\n## 開園\n\n動物園のペンギンは毎朝散歩をします。\n")
    assert not adapted_stages(settings, corpus)
    with open_index(settings) as index:
        for kept, now in zip(before, index.lexicon.look_up(["遊具", "訓練"]), strict=True):
            np.testing.assert_array_equal(kept, now)
        np.testing.assert_allclose(index.word_vectors[: len(word_vectors)], word_vectors, atol=1e-6)
        assert ranked(index, "ペンギンの散歩")[1][0].startswith("zoo")
        _, importance = index.lexicon.look_up(["ペンギン"])
        assert importance[0] > 0


def test_a_full_build_trains_all_word_vectors(tmp_path: Path) -> None:
    settings, corpus = make_settings(tmp_path, adapt=True), tmp_path / "corpus"
    corpus_of(corpus, 8)
    build(settings, [corpus], encoder=LetterEncoder())
    corpus_of(corpus, 8, zoo="# 動物園\n\n動物園の案内です。\n")
    build(settings, [corpus], encoder=LetterEncoder())
    stages: set[str] = set()
    build(settings, [corpus], encoder=LetterEncoder(), full=True, progress=lambda stage, *_: stages.add(stage))
    assert ADAPT in stages
    assert load_generation(settings).moved == 0
