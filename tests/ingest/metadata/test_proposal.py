"""Tests of `python -m ingest manifest`."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from ingest.__main__ import main
from ingest.build.sandboxed_reading import reading_limits
from ingest.configuration.settings import Settings
from ingest.metadata.proposal import ProposedValue, propose_from_file
from ingest.metadata.proposal.file_evidence import read_file_evidence
from ingest.metadata.proposal.folder import propose
from ingest.metadata.proposal.manifest_writer import to_toml
from tests.ingest.pdf_files import PICTURE, Text, lines, page, pdf, picture, scan

SENTENCE = "市は、みどりを守り育てるための取組を、市民や事業者とともに、この計画により総合的に進めます。"
BODY = lines(*[SENTENCE] * 20, top=560)
COVER = (
    Text("令和８年度〜令和12年度", base=720, left=180, size=16),
    Text("瀬戸沢市みどりの基本計画", base=660, left=150, size=28),
    Text("（概要版）", base=630, left=260, size=14),
    Text("令和８年３月", base=160, left=250, size=14),
    Text("瀬戸沢市", base=130, left=260, size=14),
)
LETTER = (
    Text("瀬緑第１２号", left=420, base=780),
    Text("令和７年１０月２日", left=420, base=764),
    Text("各地区の公園愛護会　会長　様", left=72, base=730),
    Text("瀬戸沢市緑政課長", left=420, base=700),
    Text("公園の樹木の点検について", left=230, base=670),
    *lines(*[SENTENCE] * 10, top=630),
)


def proposed(folder: Path, *pages: bytes, name: str = "file.pdf") -> dict[str, ProposedValue]:
    (folder / name).write_bytes(pdf(*pages))
    return propose_from_file(folder / name)


def plain_values(values: dict[str, ProposedValue]) -> dict[str, Any]:
    return {key: value.value for key, value in values.items()}


def test_a_cover_gives_title_date_issuer_and_kind(tmp_path: Path) -> None:
    found = proposed(tmp_path, page(*COVER), page(*BODY))
    assert plain_values(found)["title"] == "瀬戸沢市みどりの基本計画"
    assert plain_values(found)["published"] == "2026-03"
    assert plain_values(found)["issuer"] == "瀬戸沢市"
    assert plain_values(found)["kind"] == "plan"
    assert all(found[key].sure for key in ("title", "published", "issuer", "kind"))
    assert found["published"].source == "1ページ目の「令和8年3月」"


def test_the_subject_of_a_letter_is_its_title(tmp_path: Path) -> None:
    found = proposed(tmp_path, page(*LETTER))
    assert plain_values(found)["title"] == "公園の樹木の点検について"
    assert plain_values(found)["published"] == "2025-10-02"
    assert plain_values(found)["kind"] == "notice"
    assert plain_values(found)["issuer"] == "瀬戸沢市"
    assert found["issuer"].source == "1ページ目の「瀬戸沢市緑政課長」"


@pytest.mark.parametrize(
    ("text", "issuer"),
    [
        ("# 松本市納涼船のご案内\n\n料金は500円です。\n", "松本市"),
        ("# 令和8年度瀬戸沢市防災訓練\n\n11月に行います。\n", "瀬戸沢市"),  # a town that no dictionary knows
        ("# 納涼船のご案内\n\n松本市では、7月に納涼船を出します。\n", "松本市"),
        ("# 納涼船のご案内\n\n7月に出します。\n", None),
        ("# 空き家市場と都市計画を考える会\n\n町内会の方も、どうぞ。\n", None),  # words that are no towns
    ],
)
def test_a_town_in_title_or_first_lines_is_an_unsure_issuer(text: str, issuer: str | None, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(text, "utf-8")
    found = propose_from_file(tmp_path / "a.md").get("issuer")
    assert (found.value if found else None) == issuer
    assert found is None or not found.sure


@pytest.mark.parametrize(
    ("title", "kind"),
    [("広報せとざわ 2026年6月号", "notice"), ("みどりだより6月号", "notice"), ("瀬戸沢市広報戦略", "plan")],
)
def test_a_newsletter_is_a_notice(title: str, kind: str, tmp_path: Path) -> None:
    found = proposed(tmp_path, page(Text(title, left=180, base=640, size=22)), page(*BODY))
    assert plain_values(found)["title"] == title
    assert plain_values(found)["kind"] == kind


@pytest.mark.parametrize(
    ("label", "title"),
    [("本　文", "瀬戸沢市観光戦略"), ("【概要版】", "瀬戸沢市観光戦略"), ("別紙２", "瀬戸沢市観光戦略")],
)
def test_the_sort_of_a_document_is_not_its_title(label: str, title: str, tmp_path: Path) -> None:
    cover = page(Text(title, left=180, base=640, size=22), Text(label, left=240, base=500, size=30))
    assert plain_values(proposed(tmp_path, cover, page(*BODY)))["title"] == title


def test_the_name_of_an_office_is_not_a_sure_title(tmp_path: Path) -> None:
    cover = page(Text("瀬戸沢市環境審議会", left=160, base=640, size=30), Text("令和８年３月", left=250, base=160))
    found = proposed(tmp_path, cover, page(*BODY), name="p.pdf")
    assert not found["title"].sure


def test_a_rotated_page_is_read_as_displayed(tmp_path: Path) -> None:
    turned = b"BT /F1 %g Tf 0 1 -1 0 %g %g Tm <%s> Tj ET"
    shown = [
        ("交通の将来を考える会", 30, 200, 250),
        ("交通の将来ビジョン", 44, 300, 220),
        ("令和７年５月", 18, 500, 330),
    ]
    cover = b"\n".join(turned % (size, x, y, text.encode("utf-16-be").hex().encode()) for text, size, x, y in shown)
    file = tmp_path / "slides.pdf"
    file.write_bytes(pdf(cover).replace(b"/MediaBox", b"/Rotate 90 /MediaBox"))
    found = propose_from_file(file)
    assert "交通の将来ビジョン" in str(found["title"].value)
    assert found["published"].value == "2025-05"
    assert all(line.right - line.left > line.top - line.bottom for line in read_file_evidence(file).first)


def test_guessed_values_are_unsure(tmp_path: Path) -> None:
    found = proposed(tmp_path, page(*lines(*[SENTENCE] * 30)), name="20250714_2.pdf")
    assert found["title"].value == "20250714_2"
    assert found["title"].sure is False
    assert found["published"].value == "2025-07-14"
    assert found["published"].sure is False


@pytest.mark.parametrize(
    ("written", "period"),
    [
        ("計画期間は、令和８年度から令和12年度までの５年間とします。", ["2026-04-01", "2031-03-31"]),
        ("本計画の期間　令和8年4月～令和11年3月", ["2026-04-01", "2029-03-31"]),
        ("計画の期間：2026年度〜2030年度", ["2026-04-01", "2031-03-31"]),
    ],
)
def test_the_period_is_the_stated_one(written: str, period: list[str], tmp_path: Path) -> None:
    found = proposed(tmp_path, page(*COVER), page(*BODY, Text(written, base=120)))
    assert found["period"].value == period
    assert found["period"].sure is True


def test_other_years_are_not_a_period(tmp_path: Path) -> None:
    other = Text("利用者数は令和２年度から令和５年度まで増えています。", base=120)
    assert "period" not in proposed(tmp_path, page(*COVER[1:]), page(*BODY, other))


def test_an_alias_is_the_short_name_defined_in_the_text(tmp_path: Path) -> None:
    text = (
        "瀬戸沢市みどりの基本計画（以下「みどりの計画」という。）は、",
        "都市緑地法（以下「法」という。）と瀬戸沢市総合計画（以下「総計」という。）に基づきます。",
        "瀬戸沢市みどりの基本計画（以下「本計画」という。）の進め方です。",
    )
    found = proposed(tmp_path, page(*COVER[1:]), page(*lines(*text)))
    assert found["aliases"].value == ["みどりの計画"]


def a_folder(folder: Path) -> Path:
    """Return a folder with two editions of a plan, a copy of the newer, a damaged file and a note in Markdown."""
    folder.mkdir()
    for name, edition, year in (("old.pdf", "第２期", "令和３年３月"), ("new.pdf", "第３期", "令和８年３月")):
        title = Text(f"{edition}瀬戸沢市みどりの基本計画", base=660, left=110, size=26)
        (folder / name).write_bytes(pdf(page(title, Text(year, base=160, left=250, size=14)), page(*BODY)))
    (folder / "zcopy.pdf").write_bytes((folder / "new.pdf").read_bytes())
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7 and no more")
    (folder / "note.md").write_text("# 窓口のよくある質問\n\n令和8年4月1日\n\n受付は9時からです。\n", "utf-8")
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return a_folder(tmp_path_factory.mktemp("proposal") / "corpus")


def run_command(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    capsys.readouterr()
    return main(arguments), *capsys.readouterr()


def test_the_output_is_a_valid_manifest(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = run_command(capsys, "manifest", str(folder))
    tables = {table["file"]: table for table in tomllib.loads(out)["document"]}
    assert set(tables) == {"old.pdf", "new.pdf", "zcopy.pdf", "broken.pdf", "note.md"}
    assert tables["new.pdf"]["supersedes"] == ["old"]
    assert tables["note.md"] | {"file": ""} == {
        "file": "",
        "id": "note",
        "title": "窓口のよくある質問",
        "kind": "faq",
        "published": "2026-04-01",
    }
    assert 'kind = "faq"  # 題名から（確か）' in out
    assert "「new.pdf」と同じ中身のファイルです" in err
    assert status == 1
    assert "broken.pdf" in err
    assert not (folder / "manifest.toml").exists()


def test_json_contains_the_source_of_each_value(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = {one["file"]: one for one in json.loads(run_command(capsys, "manifest", str(folder), "--json")[1])}
    assert found["old.pdf"]["values"]["title"] == {
        "value": "第２期瀬戸沢市みどりの基本計画",
        "source": "1ページ目の一番大きい文字",
        "sure": True,
    }
    assert not found["broken.pdf"]["readable"]


WRITTEN = """# うちの文書
[[document]]
file = "note.md"
id = "faq"  # 変えない
title = "FAQ"
published = "2020"

# 下の文書は古い
[[document]]
file = "old.pdf"
id = "midori-2"
title = "緑の計画"
# kind = "other"
"""


def test_existing_values_of_a_manifest_are_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    corpus = a_folder(tmp_path / "corpus")
    (corpus / "manifest.toml").write_text(WRITTEN, "utf-8")
    assert run_command(capsys, "manifest", str(corpus), "--write")[0] == 1
    text = (corpus / "manifest.toml").read_text("utf-8")
    for line in filter(None, WRITTEN.splitlines()):
        assert line in text.splitlines()
    tables = {table["file"]: table for table in tomllib.loads(text)["document"]}
    assert tables["note.md"] == {"file": "note.md", "id": "faq", "title": "FAQ", "published": "2020", "kind": "faq"}
    assert tables["old.pdf"]["published"] == "2021-03"
    assert "kind" not in tables["old.pdf"]
    assert text.index('kind = "faq"') < text.index("# 下の文書は古い")
    run_command(capsys, "manifest", str(corpus), "--write")
    assert (corpus / "manifest.toml").read_text("utf-8") == text


def test_an_invalid_manifest_is_reported_and_not_changed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "manifest.toml").write_text("[[document]]\nfile = \n", "utf-8")
    status, _, err = run_command(capsys, "manifest", str(tmp_path), "--write")
    assert status == 2
    assert "2行目" in err
    assert (tmp_path / "manifest.toml").read_text("utf-8") == "[[document]]\nfile = \n"


def test_malicious_text_stays_inside_its_comment(tmp_path: Path) -> None:
    (tmp_path / "x.md").write_text(
        '# a"] \\ [[document]]\u2028file = "/etc/passwd"\n\n計画期間 令和8年度\u0085から令和9年度まで\n', "utf-8"
    )
    tables = tomllib.loads(to_toml(propose(tmp_path, reading_limits(Settings(_env_file=None)))))["document"]
    assert [table["file"] for table in tables] == ["x.md"]


def test_a_scan_without_text_gets_its_file_name_as_title(tmp_path: Path) -> None:
    assert plain_values(proposed(tmp_path, PICTURE, name="scan.pdf"))["title"] == "scan"


def test_the_title_of_an_image_cover_is_read_by_ocr(tmp_path: Path) -> None:
    (tmp_path / "scan.pdf").write_bytes(scan(picture(page(*COVER))))
    found = propose_from_file(tmp_path / "scan.pdf")["title"]
    assert found.value == "瀬戸沢市みどりの基本計画"
    assert found.sure is False
    assert found.source == "1ページ目の一番大きい文字（画像から読み取り）"
