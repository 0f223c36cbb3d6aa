from pathlib import Path

import pytest

from bot.answering.question.office_dictionary import DictionaryEntry, OfficeDictionary, export_csv, make_entry, read_csv
from bot.errors import ChangedMeanwhileError, DictionaryError
from ingest.build.corpus_reading import check_corpora
from ingest.configuration.settings import Settings

HEAD = "呼び名,正式な名前,種類,メモ\r\n"
CORPUS_ROWS = "メモ,正式な名前,呼び名\nもと公民館,第一体育館,ジム\n,地域循環バス,ぐるっと号\n"


@pytest.fixture
def dictionary(tmp_path: Path) -> OfficeDictionary:
    (tmp_path / "corpus").mkdir()
    (tmp_path / "data").mkdir()
    (tmp_path / "corpus" / "dictionary.csv").write_bytes(CORPUS_ROWS.encode("cp932"))
    return OfficeDictionary([tmp_path / "corpus"], tmp_path / "data", lambda name: name == "資料")


def used(dictionary: OfficeDictionary) -> dict[str, tuple[str, ...]]:
    found = dictionary.read().finder.find("ジムとぐるっと号と市民プール")
    return {"ジムとぐるっと号と市民プール"[name.start : name.end]: name.officials for name in found}


def test_staff_win_over_a_file_beside_the_documents_in_any_order_and_encoding(dictionary: OfficeDictionary) -> None:
    assert used(dictionary) == {"ジム": ("第一体育館",), "ぐるっと号": ("地域循環バス",)}
    dictionary.import_csv(f"{HEAD}ｼﾞﾑ,第二体育館\r\n市民プール,温水プール\r\n".encode())
    assert used(dictionary)["ジム"] == ("第二体育館",)
    assert used(dictionary).keys() == {"ジム", "ぐるっと号", "市民プール"}


def test_a_removed_row_of_the_documents_is_out_of_use_until_staff_take_it_back(dictionary: OfficeDictionary) -> None:
    entry = make_entry("ぐるっと号", "地域循環バス")
    dictionary.change(entry.key, None)
    assert used(dictionary).keys() == {"ジム"}
    (unused,) = [entry for entry in dictionary.read().entries if entry.kind == "使わない"]
    dictionary.change(unused.key, entry)
    assert used(dictionary).keys() == {"ジム", "ぐるっと号"}


def test_a_file_that_lacks_names_removes_them_only_if_it_is_asked_to(dictionary: OfficeDictionary) -> None:
    dictionary.import_csv(f"{HEAD}市民プール,温水プール\r\n".encode(), removes=True)
    assert used(dictionary).keys() == {"市民プール"}


def test_an_exported_file_is_read_unchanged() -> None:
    entries = [
        DictionaryEntry("ジム", "第一体育館", "略称", 'メモ, "引用"'),
        DictionaryEntry("=さくら", "館", note="+1"),
    ]
    assert list(read_csv(export_csv(entries)).values()) == entries


def test_the_second_of_two_concurrent_changes_is_refused(dictionary: OfficeDictionary) -> None:
    old = make_entry("ぐるっと号", "地域循環バス")
    dictionary.change(old.key, make_entry("ぐるっと号", "高速バス"))
    for new in (make_entry("ぐるっと号", "温水プール"), None):
        with pytest.raises(ChangedMeanwhileError):
            dictionary.change(old.key, new)
    assert used(dictionary)["ぐるっと号"] == ("高速バス",)


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ("ジム,第一体育館,,\r\n\r\nどこ,第二体育館,,\r\n", "4行目: 「どこ」はどの質問にも"),
        ("ジム,第一体育館,,\r\n第一体育館,ジム,,\r\n", "2行目: 「ジム」は、ある行では呼び名、別の行では正式な名前"),
        ("アリーナ,ぐるっと号,,\r\n", "2行目: 「ぐるっと号」は、ある行では呼び名"),
        ("ジム,第一体育館,あだ名,\r\n", "2行目: 種類「あだ名」"),
        ("ジム,,,\r\n", "2行目: 呼び名と、文書に出てくる正式な名前"),
        ("あ,第一体育館,,\r\n", "2行目: 「あ」は1文字"),
        ("資料,第一体育館,,\r\n", "2行目: 「資料」は多くの文書"),
        (f"{'ジム' * 21},第一体育館,,\r\n", "2行目: 呼び名を短く"),
        ("ジム,暗証番号を入力してください,,\r\n", "2行目: 暗証番号.*載せられません"),
        ("ジム,第一体育館,,暗証番号は係が電話で聞きます\r\n", "2行目: 暗証番号.*名前だけ"),
        ('ジム,"第一体育館,,\r\n', "引用符"),
        ("", "1行もありません"),
    ],
)
def test_a_file_with_a_wrong_row_changes_nothing(dictionary: OfficeDictionary, rows: str, problem: str) -> None:
    before = dictionary.read()
    with pytest.raises(DictionaryError, match=problem):
        dictionary.import_csv((HEAD + rows).encode())
    assert dictionary.read() is before


def test_a_wrong_row_beside_the_documents_is_left_out_and_named(dictionary: OfficeDictionary, tmp_path: Path) -> None:
    (tmp_path / "corpus" / "dictionary.csv").write_text("呼び名,正式な名前\nどこ,館\nジム,第一体育館\n", "utf-8")
    assert used(dictionary).keys() == {"ジム"}
    table = dictionary.read()
    assert [entry.name for entry in table.entries if table.problem(entry)] == ["どこ"]


def test_an_unreadable_file_of_staff_is_named_and_not_written_over(
    dictionary: OfficeDictionary, tmp_path: Path
) -> None:
    own = tmp_path / "data" / "dictionary.csv"
    own.write_text("名前\nジム\n", "utf-8")
    assert [str(own) in text for text in dictionary.read().unreadable] == [True]
    with pytest.raises(DictionaryError, match="列の名前"):
        dictionary.change("", make_entry("市民プール", "温水プール"))
    assert own.read_text("utf-8") == "名前\nジム\n"


@pytest.mark.usefixtures("dictionary")
def test_the_dictionary_beside_the_documents_is_no_document(tmp_path: Path) -> None:
    (tmp_path / "corpus" / "leaflet.md").write_text("# 手引き\n\n体育館は9時からです。\n", "utf-8")
    corpus, _ = check_corpora(Settings(_env_file=None, data=tmp_path / "data"), [tmp_path / "corpus"])
    assert [entry.path.name for entry in corpus.entries] == ["leaflet.md"]
