"""Detects a server that reads fewer tokens than it was sent, by the prompt tokens that it reports.

Ollama cuts a prompt that exceeds its context without a word and counts what is left (ollama/ollama#3839).
"""

# Below this many estimated tokens the chat template's own tokens weigh too much.
_MIN_TOKENS = 300
# Counted per estimated token, texts of 4,000 characters had .63 to 1.02 with the tokenizer of Qwen2.5 (n 19); one that
# has learned more Japanese words needs fewer.
_MIN_RATIO = 0.35
# The share of the highest ratio that a model has reported.
_MIN_SHARE_OF_HIGHEST = 0.55
# Prompts of different lengths for which the server reports the same, highest count.
_MIN_EQUAL = 3


class TruncationDetector:
    """Remembers the counts of one model. The tolerance is wide, because tokens are estimated without its tokenizer.

    A prompt was truncated if the server counted less than .35 of our estimate, less than .55 of the highest ratio that
    it has reported, or the same highest count for three prompts of different lengths.
    """

    def __init__(self) -> None:
        self._highest_ratio = 0.0
        self._ceiling = 0
        self._sizes: set[int] = set()

    def is_truncated(self, estimated: int, counted: int) -> bool:
        """Return whether a prompt of `estimated` tokens was truncated, given how many the server `counted`."""
        if estimated < _MIN_TOKENS:
            return False
        if counted > self._ceiling:
            self._ceiling, self._sizes = counted, set()
        if counted == self._ceiling:
            self._sizes.add(estimated)
            if len(self._sizes) >= _MIN_EQUAL:
                return True
        ratio = counted / estimated
        lowest = max(_MIN_RATIO, _MIN_SHARE_OF_HIGHEST * self._highest_ratio)
        # A server that puts text of its own before a prompt counts more than was sent.
        self._highest_ratio = max(self._highest_ratio, min(1.0, ratio))
        return ratio < lowest
