"""Tests of the dictionary as a CSV file."""

import pytest

from bot.curation.dictionary.csv_file import CsvProblemsError
from bot.question.dictionary import DictionaryEntry
from bot.service import Service

HEAD = "呼び名,正式な名前,種類,メモ\r\n"


def names(service: Service) -> list[tuple[str, str, str, str]]:
    return [entry.content for entry in service.dictionary.entries()]


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
