from datetime import date
from pathlib import Path

import pytest

from ingest.build.sandboxed_reading import read_without_limits
from ingest.documents import ParsedDocument, Period
from ingest.errors import ManifestError
from ingest.metadata.manifest import examine, read_corpus

GOOD = """\
[[document]]
file = "plan.md"
id = "plan-2.0"
title = "プラン2.0"
kind = "plan"
issuer = "市"
published = "2026-01"
period = ["2026-04-01", "2030-03-31"]
supersedes = ["plan"]
aliases = ["2.0"]
url = "https://example.jp/plan"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "plan.md").write_text("# プラン\n\n期間は4年です。\n", encoding="utf-8")
    return tmp_path


def write(folder: Path, text: str) -> Path:
    (folder / "manifest.toml").write_text(text, encoding="utf-8")
    return folder


def test_an_entry_becomes_a_document(folder: Path) -> None:
    corpus = read_corpus(write(folder, GOOD))
    (document,) = corpus.documents
    assert document.id == "plan-2.0"
    assert document.period == Period(date(2026, 4, 1), date(2030, 3, 31))
    assert document.supersedes == ("plan",)
    assert document.aliases == ("2.0",)
    assert document.published == "2026-01"
    assert document.url == "https://example.jp/plan"
    assert corpus.entries[0].path == folder / "plan.md"
    assert not corpus.warnings


def test_toml_dates_are_accepted(folder: Path) -> None:
    text = GOOD.replace('"2026-04-01", "2030-03-31"', "2026-04-01, 2030-03-31").replace('"2026-01"', "2026-01-31")
    (document,) = read_corpus(write(folder, text)).documents
    assert document.period == Period(date(2026, 4, 1), date(2030, 3, 31))
    assert document.published == "2026-01-31"


def test_the_digest_covers_file_and_entry(folder: Path) -> None:
    digests = [read_corpus(write(folder, GOOD)).documents[0].digest for _ in range(2)]
    digests.append(read_corpus(write(folder, GOOD.replace("市", "町"))).documents[0].digest)
    (folder / "plan.md").write_text("別の文書", encoding="utf-8")
    digests.append(read_corpus(folder).documents[0].digest)
    assert digests[0] == digests[1]
    assert len(set(digests)) == 3


BROKEN = {
    "missing file": ('file = "plan.md"', 'file = "nothing.md"', 2, "nothing.md"),
    "no file key": ('file = "plan.md"\n', "", 1, "file がありません"),
    "file outside": ('file = "plan.md"', 'file = "../plan.md"', 2, "文書フォルダーの中"),
    "id with capitals": ('id = "plan-2.0"', 'id = "Plan_2.0"', 3, "Plan_2.0"),
    "unknown kind": ('kind = "plan"', 'kind = "report"', 5, "report"),
    "month 13": ('published = "2026-01"', 'published = "2026-13"', 7, "2026-13"),
    "start after end": ('"2026-04-01", ', '"2031-04-01", ', 8, "2031-04-01"),
    "supersedes in words": ('supersedes = ["plan"]', 'supersedes = "plan"', 9, "supersedes は"),
    "supersedes itself": ('supersedes = ["plan"]', 'supersedes = ["plan-2.0"]', 1, "plan-2.0 → plan-2.0"),
    "no address": ("https://example.jp/plan", "example.jp", 11, "example.jp"),
    "broken TOML": ('kind = "plan"', 'kind = "plan', 5, "TOML"),
}


@pytest.mark.parametrize(("old", "new", "line", "message"), BROKEN.values(), ids=BROKEN)
def test_the_error_for_an_invalid_entry_names_its_line(
    folder: Path, old: str, new: str, line: int, message: str
) -> None:
    with pytest.raises(ManifestError) as raised:
        read_corpus(write(folder, GOOD.replace(old, new)))
    place, text = str(raised.value).split(": ", 1)
    assert place == f"{folder / 'manifest.toml'} {line}行目"
    assert message in text


def test_all_problems_are_reported_at_once(folder: Path) -> None:
    text = GOOD.replace('"plan"\n', '"x"\n').replace('"2026-01"', '"x"').replace("https", "ftp")
    with pytest.raises(ManifestError) as raised:
        read_corpus(write(folder, text))
    assert [line.split("行目")[0].split()[-1] for line in str(raised.value).splitlines()] == ["5", "7", "11"]


def test_two_entries_with_one_id_are_refused(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "plan.md").write_text("文", encoding="utf-8")
    (problem,) = examine(write(folder, GOOD), write(other, GOOD)).problems[:1]
    assert "plan-2.0" in problem.text
    assert f"{folder / 'manifest.toml'} 1行目" in problem.text
    assert problem.file == str(other / "manifest.toml")
    assert problem.line == 1


def test_one_file_in_two_entries_is_refused(folder: Path) -> None:
    (problem,) = examine(write(folder, GOOD + GOOD.replace("plan-2.0", "plan-3.0"))).problems
    assert "plan.md" in problem.text


def lineage(folder: Path, older: dict[str, list[str]], relation: str = "supersedes") -> Path:
    entries = []
    for doc_id, ids in older.items():
        (folder / f"{doc_id}.md").write_text(doc_id, encoding="utf-8")
        listed = ", ".join(f'"{i}"' for i in ids)
        entries.append(f'[[document]]\nfile = "{doc_id}.md"\nid = "{doc_id}"\ntitle = "題"\n{relation} = [{listed}]\n')
    return write(folder, "\n".join(entries))


@pytest.mark.parametrize("relation", ["supersedes", "amends"])
def test_a_cycle_of_documents_is_reported_once(tmp_path: Path, relation: str) -> None:
    (problem,) = examine(lineage(tmp_path, {"a": ["b"], "b": ["c"], "c": ["a"]}, relation)).problems
    assert f"{relation} が輪になっています（a → b → c → a）" in problem.text


def test_an_unknown_amended_document_is_a_warning(tmp_path: Path) -> None:
    (warning,) = examine(lineage(tmp_path, {"a": ["lost"]}, "amends")).warnings
    assert "「lost」という文書はありません" in warning.text


def test_an_unknown_key_is_a_warning(folder: Path) -> None:
    corpus = read_corpus(write(folder, GOOD.replace("issuer", "isuer")))
    (warning,) = corpus.warnings
    assert warning.line == 6
    assert "issuer" in warning.text
    assert corpus.documents


def test_the_error_for_an_unreadable_format_names_its_line(folder: Path) -> None:
    (folder / "plan.exe").write_bytes(b"")
    corpus = read_corpus(write(folder, GOOD.replace('file = "plan.md"', 'file = "plan.exe"')))
    (finding,) = corpus.unreadable
    assert finding.file == str(folder / "manifest.toml")
    assert finding.line == 2
    assert "plan.exe" in finding.text


def test_a_file_without_an_entry_is_indexed_too(folder: Path) -> None:
    (folder / "sub").mkdir()
    (folder / "sub" / "R4 Report.md").write_text("\n# 報告\n\n本文", encoding="utf-8")
    (folder / "年報.txt").write_text("年報の本文です。", encoding="utf-8")
    corpus = read_corpus(write(folder, GOOD))
    listed, report, yearly = corpus.documents
    assert listed.id == "plan-2.0"
    assert report.id == "sub-r4-report"
    assert report.file == "sub/R4 Report.md"
    assert yearly.id.startswith("doc-")
    titles = [read_without_limits((entry.path, entry.document, entry.has_title)) for entry in corpus.entries[1:]]
    assert [reading.document.title for reading in titles if isinstance(reading, ParsedDocument)] == ["報告", "年報"]
    assert len(corpus.warnings) == 2


@pytest.mark.parametrize(
    ("name", "text", "kind", "day"),
    [
        ("a.md", "# 林道だより\n\n令和7年6月2日\n\n林道の通行止めは終わりました。", "notice", "2025-06-02"),
        ("b.txt", "森野町お知らせ\n\n２０２４年１１月５日\n\n水道の点検をします。\n", "notice", "2024-11-05"),
        ("c.md", "# 林道の利用\n\n工事は令和7年6月2日から始めます。", "other", ""),
        ("d.md", "# 林道だより\n\n2999年6月2日\n\n林道の通行止めは終わりました。", "notice", ""),
    ],
)
def test_a_file_without_an_entry_has_the_date_of_its_text(
    folder: Path, name: str, text: str, kind: str, day: str
) -> None:
    (folder / name).write_text(text, encoding="utf-8")
    entry = read_corpus(write(folder, GOOD)).entries[1]
    reading = read_without_limits((entry.path, entry.document, entry.has_title))
    assert isinstance(reading, ParsedDocument)
    document = reading.document
    assert document.kind == kind
    assert document.date_in_text == day
    assert document.published == ""


def test_generated_ids_do_not_collide_with_others(folder: Path) -> None:
    (folder / "plan-2.0.md").write_text("文", encoding="utf-8")
    (folder / "計画plan.md").write_text("文", encoding="utf-8")
    (folder / "策定plan.md").write_text("文", encoding="utf-8")
    corpus = read_corpus(write(folder, GOOD))
    assert len({document.id for document in corpus.documents}) == 4


def test_manifests_and_hidden_files_are_not_documents(folder: Path) -> None:
    for name in ("README.md", ".hidden.md", "~$plan.docx", "plan.jtd"):
        (folder / name).write_bytes(b"PK")
    corpus = read_corpus(write(folder, GOOD))
    assert len(corpus.documents) == 1
    assert [Path(unread.file).name for unread in corpus.unreadable] == ["plan.jtd"]


@pytest.mark.parametrize("make", [lambda _: None, lambda p: p.write_text("")], ids=["missing", "a file"])
def test_the_error_for_a_missing_folder_names_it(tmp_path: Path, make: object) -> None:
    make(tmp_path / "corpus")  # type: ignore[operator]
    with pytest.raises(ManifestError, match="文書フォルダーがありません"):
        read_corpus(tmp_path / "corpus")


@pytest.mark.parametrize(
    ("content", "message"),
    [("[[document]]\ntitle = 'あ'".encode("cp932"), "UTF-8"), (b"document = 1\n", "[[document]]")],
    ids=["Shift_JIS", "not a table"],
)
def test_the_error_for_an_unreadable_manifest_names_the_expected_form(
    folder: Path, content: bytes, message: str
) -> None:
    (folder / "manifest.toml").write_bytes(content)
    with pytest.raises(ManifestError) as raised:
        read_corpus(folder)
    assert message in str(raised.value)


def test_front_matter_is_metadata_and_leaves_drafts_out(folder: Path) -> None:
    front = "---\ntitle: '水道のお知らせ'\ndate: 2026-10-01T09:00\nexpires: 2026-12-31  # 年末\ntags:\n  - 水\n---\n"
    (folder / "a.md").write_text(f"{front}水道管を取り替えます。\n", encoding="utf-8")
    (folder / "b.md").write_text("---\ndraft: true\n---\n# 料金\n\n上げます。\n", encoding="utf-8")
    (folder / "c.md").write_text("---\nexpires: 来年\n---\n本文です。\n", encoding="utf-8")
    (folder / "d.md").write_text("---\n線で始まる文です。\n---\n本文です。\n", encoding="utf-8")
    (folder / "e.md").write_bytes(b"---\r\n" + b"key: value\r\n" * 40)  # without a closing line
    corpus = read_corpus(write(folder, GOOD))
    assert [document.file for document in corpus.documents] == ["plan.md", "a.md", "c.md", "d.md", "e.md"]
    notes = [str(warning) for warning in corpus.warnings if "draft" in str(warning) or "expires" in str(warning)]
    assert [(note.split(":")[0][-4:], "下書き" in note) for note in notes] == [("b.md", True), ("c.md", False)]
    readings = [read_without_limits((entry.path, entry.document, entry.has_title)) for entry in corpus.entries[1:-1]]
    parsed = [reading for reading in readings if isinstance(reading, ParsedDocument)]
    notice = parsed[0].document
    assert (notice.title, notice.published) == ("水道のお知らせ", "2026-10-01")
    assert notice.period == Period(date(2026, 10, 1), date(2026, 12, 31))
    assert [one.passages[0].text for one in parsed] == [
        "水道管を取り替えます。", "本文です。", "線で始まる文です。\n本文です。"
    ]  # fmt: skip
    assert parsed[0].passages[0].lines == (8,)


@pytest.mark.parametrize(
    ("kind", "text", "state"),
    [
        ("notice", "# 港まつり\n\n台風の接近により、港まつりを中止します。", "cancelled"),
        ("notice", "# 港まつり\n\n雨天の場合は中止します。", ""),
        ("notice", "# 港まつり\n\n港で開きます。\n\n## 昨年\n\n中止しました。", ""),
        ("other", "# 成人式の延期について\n\n春に開きます。", "postponed"),
        ("notice", "# 募集期間を延長します\n\n月末まで受け付けます。", "extended"),
        ("notice", "# 開館時間の延長について\n\n夜も開きます。", ""),
        ("notice", "# 陶芸教室（受付終了）\n\n定員に達しました。", "closed"),
        ("notice", "# 体育館は休館中です\n\n春に開きます。", "suspended"),
        ("notice", "# プールの営業は終了しました\n\n来年開きます。", "ended"),
        ("plan", "# 中止した事業\n\n工事を中止しました。", ""),
        ("notice", "# 中止した事業の検証\n\n検証します。", ""),
        ("notice", "# 港まつり\n\n昨年は中止しましたが、今年は開きます。", ""),
        ("notice", "# 水道の使用開始・中止について\n\n届け出てください。", ""),
        ("notice", "# 陶芸教室\n\n定員になり次第、受付終了", ""),
        ("notice", "# 催し\n\n## 港まつり（中止）\n\n港です。\n\n## 盆踊り\n\n広場です。", ""),
        ("notice", "# 催し\n\n- 港まつり（中止）\n- 盆踊り", ""),
    ],
)
def test_the_title_or_lead_of_a_notice_says_its_state(folder: Path, kind: str, text: str, state: str) -> None:
    (folder / "plan.md").write_text(text, encoding="utf-8")
    (entry,) = read_corpus(write(folder, GOOD.replace('"plan"\niss', f'"{kind}"\niss'))).entries
    reading = read_without_limits((entry.path, entry.document, entry.has_title))
    assert isinstance(reading, ParsedDocument)
    assert reading.document.state == state
