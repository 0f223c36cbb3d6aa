"""Everything that a caller of `bot` may have to mend; each text says what to do, in Japanese.

A refusal (not found, out of scope, blocked) is no error but a `Status`.
"""

from ingest.errors import StorageError


class BotError(Exception):
    """The root of this package's errors."""


class BadQuestionError(BotError):
    """The question is empty, too long, or holds nothing that can be read."""


class QuestionTooLongError(BadQuestionError):
    """The question is longer than the settings allow."""


class UnknownConversationError(BotError):
    """A conversation id that was never handed out."""


class UnknownAnswerError(BotError):
    """An answer id that was never handed out."""


class UnknownDocumentError(BotError):
    """A document id that is not in the index."""


class UnknownPassageError(BotError):
    """A passage id that is not in the index, or not any more."""


class UnknownFileError(BotError):
    """A document whose file is not kept, or a page of it that cannot be shown."""


class BusyError(BotError):
    """So many wait for the same work that one more would wait too long."""

    def __init__(self, told: str = "ただいま混み合っています。10秒ほど待ってから、もう一度お試しください。") -> None:
        super().__init__(told)


class RankerError(BotError):
    """The file with the ranker's weights that the settings name cannot be read."""


class RerankerError(BotError):
    """The reranker that the settings name cannot be loaded."""


class LocalModelError(BotError):
    """The local model that the settings name cannot be run: its file or the extra for it is missing or broken."""


class ModelFetchError(BotError):
    """A local model could not be fetched, or is not what its hub announced."""


class OfficeError(BotError):
    """What the settings say of the office cannot be read or shown: its hours, its colour, the sites that embed."""


class BackupError(BotError):
    """A backup cannot be written, or what is given as one cannot be put back."""


class ForgettingError(BotError):
    """It is not said what is to be deleted."""


class AccountError(BotError):
    """A name or a password of an account will not do, or there is no such account."""


class NotPermittedError(BotError):
    """Who has signed in may look at this, but not change it."""


class StagedError(BotError):
    """A document that was handed in cannot be taken, or what is said of it is wrong, in this `field` of its form."""

    def __init__(self, told: str, field: str = "") -> None:
        super().__init__(told)
        self.field = field


class ModelError(BotError):
    """The language model failed, hung, or sent what cannot be read."""


class DeskError(BotError):
    """What staff wanted of the queue, a curated answer or a department cannot be done as it was asked."""


class DepartmentError(DeskError):
    """What staff wrote of a department cannot be shown to those who look for it."""


class UnknownGroupError(DeskError):
    """A group id that the queue does not have."""


class UnknownCuratedError(DeskError):
    """The id of a curated answer that there is not."""


class ChangedMeanwhileError(DeskError):
    """Somebody else has changed the curated answer or the department, or answered the group, since it was read."""


class ProposalError(DeskError):
    """A curated answer does not hold against its sources; `problems` are the reasons, each a text for staff."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("この回答は公開できません。" + " / ".join(problems))
        self.problems = tuple(problems)


class RecordsError(StorageError):
    """The database of the records cannot be read or written: a full disk, a lost connection, a lock."""
