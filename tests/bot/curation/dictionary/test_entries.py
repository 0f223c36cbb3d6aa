"""Tests of the validation of dictionary entries and of concurrent changes."""

from dataclasses import replace

import pytest

from bot.errors import ChangedMeanwhileError
from bot.question.dictionary import DictionaryEntry
from bot.service import Service


def test_the_second_of_two_concurrent_changes_is_refused(service: Service) -> None:
    stored = service.dictionary.save(DictionaryEntry("ジム", "第一体育館"), "安奈")
    service.dictionary.save(replace(stored, official="第二体育館"), "安奈")
    with pytest.raises(ChangedMeanwhileError):
        service.dictionary.save(replace(stored, note="旧館"), "次郎")
    with pytest.raises(ChangedMeanwhileError):
        service.dictionary.remove(stored, "次郎")
    assert [(entry.official, entry.by) for entry in service.dictionary.entries()] == [("第二体育館", "安奈")]
