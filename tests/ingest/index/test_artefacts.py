from pathlib import Path

from ingest.index.artefacts import artefact_keys, read_artefact, write_artefact


def test_artefacts_are_found_by_kind_and_key_whatever_the_key_is(tmp_path: Path) -> None:
    keys = {"rule-1", "../../x", "条例 第1号", "x" * 1_000}
    for key in keys:
        write_artefact(tmp_path, "consolidation", key, b'{"lines": 2}\n')
    assert artefact_keys(tmp_path, "consolidation") == keys
    assert read_artefact(tmp_path, "consolidation", "../../x") == b'{"lines": 2}\n'
    assert read_artefact(tmp_path, "meeting", "rule-1") is None
    assert artefact_keys(tmp_path, "meeting") == frozenset()
