"""Japanese labels of the kinds, fields, behaviours and statuses of cases, from `labels.toml`."""

import tomllib
from pathlib import Path

_LABELS = tomllib.loads(Path(__file__).with_name("labels.toml").read_text("utf-8"))
FIELD_LABELS: dict[str, str] = _LABELS["fields"]
BEHAVIOUR_LABELS: dict[str, str] = _LABELS["behaviours"]
STATUS_LABELS: dict[str, str] = _LABELS["statuses"]
KIND_LABELS: dict[str, str] = {kind: label for kind, (label, _) in _LABELS["kinds"].items()}
KIND_DESCRIPTIONS: dict[str, str] = {kind: description for kind, (_, description) in _LABELS["kinds"].items()}
_ADVERSARIAL_KINDS = ("vague", "not_there", "out_of_scope", "lookalike", "attack")


def field_label(field: str) -> str:
    """Return the Japanese label of a field followed by its name in the file; other names unchanged."""
    return f"{FIELD_LABELS[field]}（{field}）" if field in FIELD_LABELS else field


def kind_order(kind: str) -> int:
    """Return a sort key: ordinary questions first, those that try to provoke a wrong answer last."""
    return _ADVERSARIAL_KINDS.index(kind) + 1 if kind in _ADVERSARIAL_KINDS else 0
