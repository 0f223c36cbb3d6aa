"""Errors that a caller of `eval` can correct; each message says in Japanese what to do."""


class EvalError(Exception):
    """The root of this package's errors."""


class CaseFileError(EvalError):
    """A case file is missing or a line of it is broken; the text names file and line."""


class SetFileError(EvalError):
    """A file of an evaluation set is missing or broken; the text names file and line."""


class RunFolderError(EvalError):
    """A folder that should hold a saved run does not, or a baseline file is broken."""


class UnknownModelError(EvalError):
    """The language model that was to answer is none of the settings, and no address was given for it."""


class UnreachableError(EvalError):
    """The server to measure does not answer, or its answer is not the API's."""


class BrokenRunError(EvalError):
    """A run ended before all was asked; what was asked is kept, and the text says how to go on."""


class StoppedRunError(EvalError):
    """Somebody stopped a run; what was asked is kept, and the text says how to go on."""


class RefusedError(EvalError):
    """The server or the service refused one question; the case fails, the run goes on."""


class VerdictError(EvalError):
    """What somebody wanted to say of an answer cannot be kept as it was said."""
