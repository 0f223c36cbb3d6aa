"""The errors of `bot`; each text says in Japanese what to do.

A question without an answer (not found, out of scope, blocked) is a `Status`, not an error.
"""

from ingest.errors import StorageError


class BotError(Exception):
    """The root of this package's errors."""


class BadQuestionError(BotError):
    """The question is empty, too long, or has no readable text."""


class QuestionTooLongError(BadQuestionError):
    """The question is longer than the settings allow."""


class UnknownError(BotError):
    """There is nothing with this id."""


class UnknownConversationError(UnknownError):
    """There is no conversation with this id."""


class UnknownAnswerError(UnknownError):
    """There is no answer with this id."""


class UnknownDocumentError(UnknownError):
    """There is no document with this id in the index."""

    def __init__(self, doc_id: str) -> None:
        super().__init__(
            f"文書「{doc_id[:100]}」は見つかりません。新しい版に替わったか、id が違うのかもしれません。"
            "文書の一覧で確かめてください。"
        )


class WithdrawnDocumentError(UnknownError):
    """The document was withdrawn; the text says when and why."""

    def __init__(self, title: str, day: str, reason: str) -> None:
        super().__init__(f"「{title}」は{day}に取り下げられ、回答にも使われません（理由: {reason}）。")


class UnknownPassageError(UnknownError):
    """There is no passage with this id in the index."""


class UnknownFileError(UnknownError):
    """The original file of a document is not stored, or a page of it cannot be shown."""


class BusyError(BotError):
    """Too many requests are waiting for the same resource."""

    def __init__(self, wait_s: int = 10) -> None:
        super().__init__(f"ただいま混み合っています。{wait_s}秒ほど待ってから、もう一度お試しください。")


class LocalModelError(BotError):
    """The local model of the settings cannot be run, because its file or the optional extra is missing or broken."""


class OfficeError(BotError):
    """The settings of the office are invalid: opening hours, colour, or embedding sites."""


class AccountError(BotError):
    """The name or password of an account is invalid, or there is no such account."""


class ProviderAwayError(BotError):
    """The identity provider cannot be reached, or its response cannot be read."""


class NotPermittedError(BotError):
    """The signed-in person may read this but not change it."""


class StagedError(BotError):
    """An uploaded document is refused, or this `field` of its form is wrong."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class ModelError(BotError):
    """The language model failed, timed out, or sent an unreadable reply."""


class DeskError(BotError):
    """A change by staff to a question, an answer or a department is not possible."""


class DictionaryError(DeskError):
    """An entry or a file of the dictionary is invalid."""


class ChangedMeanwhileError(DeskError):
    """Somebody else has changed the answer or department since it was read."""


class RecordsError(StorageError):
    """The database of the records cannot be read or written, for example because of a full disk or a lock."""

    def __init__(
        self,
        message: str = "記録を読み書きできません。データのフォルダー（SHIRUBE_DATA）に書き込めるか、空き容量があるか、"
        "SHIRUBE_DATABASE_URL のデータベースが動いているかを確かめてください。",
    ) -> None:
        super().__init__(message)


class ConflictingRecordError(RecordsError):
    """A row of the records exists already, or refers to one that does not exist."""


class RecordsAwayError(RecordsError):
    """The database server of the records cannot be reached, or does not answer in time."""
