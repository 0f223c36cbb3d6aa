"""Exceptions of `ingest`; each message says in Japanese what to do."""


class IngestError(Exception):
    """The root of this package's errors."""


class UnreadableDocumentError(IngestError):
    """A file is missing, binary, damaged, or in an encoding that cannot be told."""


class ManifestError(IngestError):
    """A manifest entry is broken; the text names file and line."""


class NoIndexError(IngestError):
    """No generation is in service yet."""


class DamagedIndexError(NoIndexError):
    """A generation that was in service cannot be used: a file of it is gone or altered, or another release wrote it."""


class EncoderChangedError(IngestError):
    """The index in service was embedded by another encoder than the settings name."""


class StorageError(IngestError):
    """The data folder cannot be written, or another build holds it."""


class SettingsError(IngestError):
    """A setting has a value that it cannot take; the text names each by its variable."""
