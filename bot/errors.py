"""Everything that a caller of `bot` may have to mend; each text says what to do, in Japanese.

A refusal (not found, out of scope, blocked) is no error but a `Status`.
"""


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


class RankerError(BotError):
    """The file with the ranker's weights that the settings name cannot be read."""


class RerankerError(BotError):
    """The reranker that the settings name cannot be loaded."""


class LocalModelError(BotError):
    """The local model that the settings name cannot be run: its file or the extra for it is missing or broken."""


class ModelError(BotError):
    """The language model failed, hung, or sent what cannot be read."""
