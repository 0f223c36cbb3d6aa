"""Tests of the dictionary as a CSV file."""

from importlib import import_module

import pytest

from bot.curation.dictionary.csv_file import CsvProblemsError
from bot.errors import DictionaryError
from bot.question.dictionary import DictionaryEntry
from bot.service import Service

HEAD = "呼び名,正式な名前,種類,メモ\r\n"


def names(service: Service) -> list[tuple[str, str, str, str]]:
    return [entry.content for entry in service.dictionary.entries()]


def count_calls(monkeypatch: pytest.MonkeyPatch, name: str) -> list[object]:
    calls: list[object] = []
    module, _, function = name.rpartition(".")
    original = getattr(import_module(module), function)

    def counted(*arguments: object) -> object:
        calls.append(arguments)
        return original(*arguments)

    monkeypatch.setattr(name, counted)
    return calls


def test_an_exported_file_is_imported_unchanged(service: Service) -> None:
    entries = [
        DictionaryEntry("ジム", "第一体育館", "abbreviation", 'メモ, "引用"'),
        DictionaryEntry("=さくら", "第二体育館", "former", "+1"),
        DictionaryEntry("ジム", "第二体育館", note="@旧館"),
    ]
    for entry in entries:
        service.dictionary.save(entry, "安奈")
    content, stored = service.dictionary.export_csv(), names(service)
    assert content.startswith(b"\xef\xbb\xbf")
    assert service.dictionary.plan(content, removes=True).is_empty
    for one in service.dictionary.entries():
        service.dictionary.remove(one, "安奈")
    service.dictionary.import_csv(content, "安奈")
    assert names(service) == stored


def test_an_import_adds_changes_and_removes(service: Service) -> None:
    for name in ("ジム", "アリーナ"):
        service.dictionary.save(DictionaryEntry(name, "第一体育館"), "安奈")
    content = (HEAD + "ジム,第一体育館,略称,\r\nトレ室,第二体育館,,\r\n").encode()
    plan = service.dictionary.plan(content)
    assert [entry.name for entry in plan.added] == ["トレ室"]
    assert [after.kind for _, after in plan.changed] == ["abbreviation"]
    assert plan.removed == ()
    assert plan.unchanged == 1
    assert len(names(service)) == 2
    service.dictionary.import_csv(content, "次郎", removes=True)
    assert [entry[0] for entry in names(service)] == ["ジム", "トレ室"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_a_file_in_any_encoding_of_a_spreadsheet_is_read(service: Service, encoding: str) -> None:
    plan = service.dictionary.plan("正式名称,通称\n第一体育館,ジム\n".encode(encoding))
    assert [(entry.name, entry.official) for entry in plan.added] == [("ジム", "第一体育館")]


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ("ジム,第一体育館,,\r\nどこ,第二体育館,,\r\n", "3行目: 「どこ」"),
        ("ジム,第一体育館,,\r\n\r\nじむ,第一体育館,,\r\n", "4行目: 「じむ」→「第一体育館」は、2行目にもあります"),
        ("ジム,第一体育館,,\r\n第一体育館,ジム,,\r\n", "2行目: .*たがいを正式な名前"),
        ("ジム,アリーナ,,\r\nアリーナ,第一体育館,,\r\n", "2行目: .*呼び名として載っています"),
        ("ジム,第一体育館,あだ名,\r\n", "2行目: 種類「あだ名」"),
        ('ジム,"第一体育館,,\r\n', "2行目: 引用符"),
        ("ジム,暗証番号を入力してください,,\r\n", "2行目: 暗証番号.*載せられません"),
        ("ジム,第一体育館,,口座番号を教えてください\r\n", "2行目: 暗証番号.*載せられません"),
        ("ジム,第一体育館,,暗証番号は係が電話で聞きます\r\n", "2行目: 暗証番号.*名前だけ"),
        ("暗証番号,電話で伝えること,,\r\n", "2行目: 暗証番号.*名前だけ"),
        ("ジム,第一体育館,,,x\r\n", "2行目: 列が4より多く"),
        ("", "1行もありません"),
    ],
)
def test_a_file_with_a_wrong_line_changes_nothing(service: Service, rows: str, problem: str) -> None:
    with pytest.raises(CsvProblemsError, match=problem):
        service.dictionary.import_csv((HEAD + rows).encode(), "安奈")
    assert names(service) == []


@pytest.mark.parametrize("content", [b"a,b\nx,y\n", b"\xff\xfe\x00\x00", b""])
def test_a_file_without_the_columns_is_refused(service: Service, content: bytes) -> None:
    with pytest.raises(CsvProblemsError, match=r"CSV UTF-8|呼び名"):
        service.dictionary.plan(content)


def test_a_large_import_is_stored_at_once(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = "".join(f"ジム{n},第{n}体育館,,\r\n" for n in range(1000))
    service.dictionary.import_csv((HEAD + rows).encode(), "安奈")
    compared = count_calls(monkeypatch, "bot.curation.dictionary.entries._conflicts")
    synced = count_calls(monkeypatch, "os.fsync")
    more = "".join(f"アリーナ{n},第{n}体育館,,\r\n" for n in range(1000))
    plan = service.dictionary.import_csv((HEAD + more).encode(), "安奈")
    assert len(plan.added) == 1000
    assert len(names(service)) == 2000
    assert len(compared) <= 3 * 1000
    assert len(synced) <= 3


def test_a_word_of_many_passages_is_no_name(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.question.name_expansion._MIN_GENERAL_PASSAGES", 2)
    with pytest.raises(CsvProblemsError, match="3行目: 「運賃」は多くの文書に出てくる"):
        service.dictionary.plan((HEAD + "おもちゃ病院,第一体育館,,\r\n運賃,地域循環バス,,\r\n").encode())
    with pytest.raises(DictionaryError, match="「運賃」は多くの文書に出てくる"):
        service.dictionary.save(DictionaryEntry("運賃", "地域循環バス"), "安奈")
