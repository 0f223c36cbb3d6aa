from pathlib import Path

import numpy as np

from bot.answering.token_batches import StoredTokens, tokenise_text
from ingest.documents import Passage, PassageKind
from ingest.japanese import nfkc
from ingest.japanese.tokenise import words_with_starts
from ingest.terms.units import UnitReader, plain_letters, unit_spans
from tests.bot.answering.retrieval.passages import document, opened

TEXT = "渡し舟の料金：大人230円\n毎日（雨の日も。）動きます。雪の日は休みますか。\n\n  ①港湾係 ﾃﾞﾝﾜ"


def passage(text: str, kind: PassageKind = "text") -> Passage:
    return Passage("d#1", "d", kind, (), text, (1,))


def read_cells(one: Passage) -> list[dict[str, object]]:
    reader = UnitReader(one)
    starts = [start for start, _ in words_with_starts(reader.normal)]
    cells = reader.cells(starts, starts)
    return [dict(zip(cells.dtype.names or (), cell.tolist(), strict=True)) for cell in cells]


def test_an_index_has_the_words_and_letters_of_its_units(tmp_path: Path) -> None:
    with opened(tmp_path, [document("d", ("渡し舟", TEXT), ("釣り", "秋に釣り大会を開きます。"))]) as index:
        tokens = StoredTokens(index)
        for row, one in enumerate(index.passages):
            units = [one.text[start:end] for start, end in unit_spans(one)]
            stored = [[(t.surface, t.term, t.part) for t in unit] for unit in tokens.read_units(one)]
            assert stored == [[(t.surface, t.term, t.part) for t in tokenise_text(unit)] for unit in units]
            (letters,) = index.unit_letters.texts(np.array([row]))
            assert letters == "".join(plain_letters(nfkc(unit)) for unit in units)


def test_targets_of_links_are_not_among_the_words() -> None:
    (plain,), (linked,) = (
        read_cells(passage(f"申請書{target}を出す。")) for target in ("", "（https://a.jp/f_1.pdf）")
    )
    assert linked | {"end": plain["end"]} == plain


def test_a_row_is_one_unit() -> None:
    text = "施設: 湖畔図書館。\n開館: 九時。"
    assert unit_spans(passage(text, "row")) == ((0, len(text)),)
