"""Tests of the source texts that the language model reads from minutes."""

from types import SimpleNamespace
from typing import Any

from bot.generation.materials import MaterialsSelector
from ingest.documents import Document
from tests.bot.answers.reading import scored_passage, turn_of
from tests.ingest.minutes.small_meeting import TITLE, passages_of

MINUTES = "# 記録\n\n## 橋について\n\n須磨委員：橋はいつ直るのか。\n\n建設課長：3月に直ります。"


def test_materials_name_speakers_with_their_roles() -> None:
    document, passages = Document("kaigi", TITLE, "kaigi.md", issuer="潮待町"), passages_of(MINUTES)
    rows = {passage.id: n for n, passage in enumerate(passages)}
    index: Any = SimpleNamespace(documents=[document], passages=passages, passage_row=rows.__getitem__)
    turn = turn_of("橋はいつ直りますか", *map(scored_passage, passages), documents=[document])
    frame = MaterialsSelector(index)(turn).frames[0]
    assert "発言者: 須磨委員(質問)、建設課長(答え)" in frame
