"""Minutes are compiled at build in limited processes."""

from pathlib import Path

import pytest

from ingest.build.build import build
from ingest.corpus import FindingKind
from ingest.index.index import open_index
from ingest.minutes import compiled
from ingest.minutes.compiled import read_meetings
from ingest.sandbox.limited_process import Limits
from tests.ingest.small_corpus import LetterEncoder, make_corpus, make_settings

EXCHANGE = "{}委員：{}の塗り替えはいつ終わるのか。\n\n建設課長：来年の3月に終わります。\n\n"


def minutes(count: int) -> str:
    return "# 会議録\n\n## 橋\n\n" + "".join(EXCHANGE.format("須磨", f"橋{n}") for n in range(count))


@pytest.mark.parametrize(
    ("name", "limit", "reason"),
    [
        pytest.param("_MAX_CHARACTERS", 1_000, "字を超えています", id="too long"),
        pytest.param("_LIMITS", Limits(30, 90, 2 << 30, 5_000), "途中でやめました", id="too much work"),
    ],
)
def test_minutes_over_a_limit_are_declined_by_name_and_others_compiled(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, limit: object, reason: str
) -> None:
    monkeypatch.setattr(compiled, name, limit)
    corpus = make_corpus(tmp_path / "corpus", small=minutes(3), huge=minutes(40), plan="# 計画\n\n橋を塗ります。")
    settings = make_settings(tmp_path)
    for _ in ("new", "unchanged"):
        report = build(settings, [corpus], encoder=LetterEncoder())
        (finding,) = (finding for finding in report.findings if finding.kind is FindingKind.MINUTES)
        assert "「hugeの文書」は会議録として読み取れません" in finding.text
        assert reason in finding.text
    with open_index(settings) as index:
        assert list(read_meetings(index, lambda _: False)) == ["small"]
        assert {document.id for document in index.documents} == {"small", "huge", "plan"}
