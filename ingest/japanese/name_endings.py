"""Patterns for the endings of names of places, offices, bodies, facilities and persons, one list per sort.

The words are in `lexicons/name_endings.toml`. Each user composes a pattern of them, because what may be called
a name differs: a wrong place costs an answer in one step and masks a word too much in another.

| user | composes |
|---|---|
| `bot/verification/literals.py` | departments, ministries, committees, corporations |
| `bot/minutes/mentions.py` | municipalities, departments |
| `bot/privacy/disclosures.py` | municipalities |
| `bot/privacy/personal.py` | municipalities, departments, facilities, persons |
| `ingest/metadata/proposal.py` | municipalities, prefectures, departments, ministries, associations |
| `ingest/minutes/people.py` | municipalities, departments |

Titles in minutes (議長, 主幹, 委員) are in `lexicons/minutes.toml`.
"""

from ingest.japanese.lexicon import any_of, load_lexicon

_ENDINGS = load_lexicon("name_endings")

MUNICIPALITY = any_of(_ENDINGS["municipalities"])
PREFECTURE = any_of(_ENDINGS["prefectures"])
DEPARTMENT = any_of(_ENDINGS["departments"])
MINISTRY = any_of(_ENDINGS["ministries"])
COMMITTEE = any_of(_ENDINGS["committees"])
ASSOCIATION = any_of(_ENDINGS["associations"])
CORPORATION = any_of(_ENDINGS["corporations"])
FACILITY = any_of(_ENDINGS["facilities"])
PERSON = any_of(_ENDINGS["persons"])
