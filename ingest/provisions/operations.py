"""Operations that an amending document performs on provisions, as data."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from ingest.provisions.addresses import Address, Step
from ingest.provisions.document_lines import Quote
from ingest.provisions.provisions import Provision

Side = Literal["after", "before", "end"]


class Action(StrEnum):
    """What an operation does."""

    REPLACE_WORDS = "replace_words"  # 「A」を「B」に改める, 「A」の次に「B」を加える, 「A」を削る
    REPLACE_TEXT = "replace_text"  # the text of one provision changes, as a comparison table has it
    REPLACE = "replace"  # 第5条を次のように改める
    INSERT = "insert"  # 第5条の次に次の1条を加える
    APPEND_SENTENCE = "append_sentence"  # 第5条に次のただし書を加える
    DELETE = "delete"  # 第5条を削る
    RENUMBER = "renumber"  # 第5条を第6条とする, 第3号から第5号までを1号ずつ繰り下げる
    REPLACE_ALL = "replace_all"  # 全部改正
    REPEAL = "repeal"  # 廃止
    UNREAD = "unread"  # a sentence that amends, in a form that is not known


@dataclass(frozen=True, slots=True)
class AmendmentOperation:
    """One operation on the provisions of a document.

    Attributes:
        place: the provision that is changed, that something is inserted beside, or that gets something at its end.
        old: the words that change; of an insertion the kind of the new provisions, "" if it is not named.
        new: the new words; of an insertion the number of the new provisions.
        position: where something is inserted, relative to the place.
        moves: the places that get other numbers, all at once.
        provisions: the new provisions; for a part of a provision, one with its text.
        is_general: whether the words are replaced wherever they occur in the place (本則中).
        is_single: whether the words may occur only once in the place, as where something is inserted or deleted.
        sentence: the amending text as printed.
        quotes: where it is printed.
        group: the number of its sentence in the document; those of one sentence belong together.
        problem: why it cannot be read, "" if it can.
    """

    action: Action
    place: Address = field(default_factory=Address)
    old: str = ""
    new: str = ""
    position: Side = "end"
    moves: tuple[tuple[Address, Step], ...] = ()
    provisions: tuple[Provision, ...] = ()
    is_general: bool = False
    is_single: bool = False
    sentence: str = ""
    quotes: tuple[Quote, ...] = ()
    group: int = 0
    problem: str = ""


@dataclass(frozen=True, slots=True)
class AmendedText:
    """The operations of an amending document on the document whose title its introduction names, "" if it names none.

    `article` is that of the amending document which contains them, "" if it has none (第1条 X条例の一部を…).
    """

    title: str
    operations: tuple[AmendmentOperation, ...]
    article: str = ""
