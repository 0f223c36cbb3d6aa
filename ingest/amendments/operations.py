"""Operations that an amending document performs on provisions, as data."""

from dataclasses import dataclass, field, replace
from typing import Literal

from ingest.amendments.addresses import Address, Step
from ingest.amendments.document_lines import Quote
from ingest.amendments.provisions import Provision

Action = Literal[
    "replace_words",  # 「A」を「B」に改める
    "insert_words",  # 「A」の次に「B」を加える
    "delete_words",  # 「A」を削る
    "replace_text",  # the own text of a provision, as a comparison table has it
    "add_caption",  # 附則第1項に見出しとして「(施行期日)」を付する
    "delete_label",  # 附則第1項の項番号を削る
    "replace",  # 第5条を次のように改める
    "insert",  # 第5条の次に次の1条を加える
    "append_sentence",  # 第5条に次のただし書を加える
    "delete",  # 第5条を削る
    "renumber",  # 第5条を第6条とする, 第3号から第5号までを1号ずつ繰り下げる
    "replace_all",  # 全部改正
    "repeal",  # 廃止
    "unread",  # a sentence that amends, in a form that is not known
]


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation on the provisions of a document.

    Attributes:
        place: the provision that is changed, after or before which one is inserted, or that gets one at its end.
        old, new: the words; of an insertion, the kind and the number of the new provisions, "" where not named;
            of a renumbering without moves, in `new` by how much the place and all after it move.
        position: where something is inserted, relative to the words or the place.
        moves: the places that get other numbers, all at once.
        provisions: the new provisions; for a part of a provision, one with its text.
        is_general: whether the words are replaced wherever they occur in the place (本則中).
        sentence: the amending text as printed.
        quotes: where it is printed.
        group: the number of its sentence in the document; structural changes of one sentence belong together.
        problem: why it cannot be read, "" if it can.
    """

    action: Action
    place: Address = field(default_factory=Address)
    old: str = ""
    new: str = ""
    position: Literal["after", "before", "end"] = "end"
    moves: tuple[tuple[Address, Step], ...] = ()
    provisions: tuple[Provision, ...] = ()
    is_general: bool = False
    sentence: str = ""
    quotes: tuple[Quote, ...] = ()
    group: int = 0
    problem: str = ""

    @property
    def is_structural(self) -> bool:
        """Whether it changes which provisions there are, so that others of its sentence depend on it."""
        return self.action in {"replace", "insert", "delete", "renumber"} and not self.place.part

    def with_problem(self, problem: str) -> "Operation":
        """Return the operation as one that cannot be read."""
        return replace(self, problem=problem)


@dataclass(frozen=True, slots=True)
class AmendedText:
    """The operations of an amending document on one document.

    Attributes:
        title: the title that its introduction names, "" where it names none.
        article: the article of the amending document that contains them, "" if it has none (第1条 X条例の一部を…).
        number: the number under which the amended document was promulgated, as printed.
    """

    title: str
    operations: tuple[Operation, ...]
    article: str = ""
    number: str = ""
