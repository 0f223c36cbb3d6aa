import json
import tomllib
from pathlib import Path

import pytest

from ingest.__main__ import main
from ingest.build.sandboxed_reading import reading_limits
from ingest.metadata.proposal import ProposedValue, propose_from_file
from ingest.metadata.proposed_manifest import propose, to_toml
from tests.ingest.pdf_files import PICTURE, Text, lines, page, pdf

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


def title_page(*texts: tuple[str, float]) -> bytes:
    return page(*(Text(text, left=150, base=680 - 80 * n, size=size) for n, (text, size) in enumerate(texts)))


# A value in braces is proposed, but marked as doubtful.
@pytest.mark.parametrize(
    ("name", "pages", "key", "value"),
    [
        ("a.pdf", [page(*COVER), page(*BODY)], "title", "瀬戸沢市みどりの基本計画"),
        ("a.pdf", [page(*COVER), page(*BODY)], "published", "2026-03"),
        ("a.pdf", [page(*COVER), page(*BODY)], "issuer", "瀬戸沢市"),
        ("a.pdf", [page(*COVER), page(*BODY)], "kind", "plan"),
        # the centred subject of a letter; neither number nor addressee
        ("a.pdf", [page(*LETTER)], "title", "公園の樹木の点検について"),
        ("a.pdf", [page(*LETTER)], "published", "2025-10-02"),
        ("a.pdf", [page(*LETTER)], "kind", "notice"),
        ("a.pdf", [page(*LETTER)], "issuer", "瀬戸沢市"),
        ("a.pdf", [title_page(("みどりだより6月号", 22)), page(*BODY)], "kind", "notice"),
        # labels in larger type and names of offices are no titles
        ("a.pdf", [title_page(("瀬戸沢市観光戦略", 22), ("本　文", 30))], "title", {"瀬戸沢市観光戦略"}),
        ("a.pdf", [title_page(("瀬戸沢市環境審議会", 30), ("令和８年３月", 12)), page(*BODY)], "title", {"a"}),
        ("20250714_2.pdf", [page(*lines(*[SENTENCE] * 30))], "title", {"20250714_2"}),
        ("scan.pdf", [PICTURE], "title", {"scan"}),
    ],
)
def test_what_a_file_states_plainly_is_sure(
    name: str, pages: list[bytes], key: str, value: object, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(pdf(*pages))
    found = propose_from_file(tmp_path / name).get(key, ProposedValue(None, "", sure=True))
    assert (found.value if found.sure else {found.value}) == value


def a_folder(folder: Path) -> Path:
    folder.mkdir()
    title = Text("瀬戸沢市みどりの基本計画", base=660, left=110, size=26)
    (folder / "new.pdf").write_bytes(pdf(page(title, Text("令和８年３月", base=160, left=250, size=14)), page(*BODY)))
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7 and no more")
    (folder / "note.md").write_text("# 窓口のよくある質問\n\n令和8年4月1日\n\n受付は9時からです。\n", "utf-8")
    return folder


def run_command(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    capsys.readouterr()
    return main(arguments), *capsys.readouterr()


def test_title_date_and_issuer_of_new_files_are_proposed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = a_folder(tmp_path / "corpus")
    status, out, err = run_command(capsys, "manifest", str(folder))
    tables = {table["file"]: table for table in tomllib.loads(out)["document"]}
    assert tables.keys() == {"new.pdf", "broken.pdf", "note.md"}
    assert tables["note.md"] == {
        "file": "note.md", "id": "note", "title": "窓口のよくある質問", "kind": "faq", "published": "2026-04-01"
    }  # fmt: skip
    assert 'title = "窓口のよくある質問"  # 最初の見出し（確か）' in out
    assert '# period = ["", ""]' in out
    assert status == 1
    assert "broken.pdf" in err
    assert not (folder / "manifest.toml").exists()
    proposed = {one["file"]: one for one in json.loads(run_command(capsys, "manifest", str(folder), "--json")[1])}
    source = {"source": "1ページ目の一番大きい文字", "sure": True}
    assert proposed["new.pdf"]["values"]["title"] == {"value": "瀬戸沢市みどりの基本計画", **source}
    assert not proposed["broken.pdf"]["readable"]


WRITTEN = '# うちの文書\n[[document]]\nfile = "note.md"\nid = "faq"  # 変えない\ntitle = "FAQ"\n'


def test_new_files_are_added_to_a_manifest_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    corpus = a_folder(tmp_path / "corpus")
    (corpus / "manifest.toml").write_text(WRITTEN, "utf-8")
    assert run_command(capsys, "manifest", str(corpus), "--write")[0] == 1
    text = (corpus / "manifest.toml").read_text("utf-8")
    assert text.startswith(WRITTEN)
    tables = {table["file"]: table for table in tomllib.loads(text)["document"]}
    assert tables["note.md"] == {"file": "note.md", "id": "faq", "title": "FAQ"}
    assert tables["new.pdf"]["published"] == "2026-03"
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
        '# a"] \\ [[document]]\u2028file = "/etc/passwd"\n\n発行\u0085 令和8年3月1日\u0085file = 1\n', "utf-8"
    )
    tables = tomllib.loads(to_toml(propose(tmp_path, reading_limits())))["document"]
    assert [table["file"] for table in tables] == ["x.md"]
