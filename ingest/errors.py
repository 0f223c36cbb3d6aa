"""Exceptions of `ingest`; messages are Japanese and say what to do."""


def first_line(error: BaseException) -> str:
    """Return the first line of an error's message, else the name of its class."""
    return next(iter(str(error).strip().splitlines()), type(error).__name__)


class IngestError(Exception):
    """Base class of this package's errors."""


class UnreadableDocumentError(IngestError):
    """A file is missing, binary, damaged, or in an unknown encoding."""


class ManifestError(IngestError):
    """A manifest entry is invalid; the message names file and line."""


class NoIndexError(IngestError):
    """There is no active index generation."""


class DamagedIndexError(NoIndexError):
    """A generation is unusable: a file is missing, altered, or written by another release."""


class EncoderChangedError(IngestError):
    """The active index was embedded by another encoder than the settings name."""


class StorageError(IngestError):
    """The data folder cannot be written, or is locked by another build."""


class SettingsError(IngestError):
    """A setting has an invalid value; the message names its variable."""
