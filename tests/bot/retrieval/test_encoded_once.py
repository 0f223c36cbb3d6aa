"""Tests that a question is encoded once."""

import numpy as np
import pytest

from ingest.configuration.settings import Settings
from ingest.embedding import open_encoder
from ingest.embedding.encoder import CachingEncoder


def test_a_repeated_question_reuses_its_vector(settings: Settings) -> None:
    encoder = open_encoder(settings)
    once = CachingEncoder(encoder)
    vector = once.encode_query("粗大ごみはどこに出しますか")
    np.testing.assert_array_equal(vector, encoder.encode_query("粗大ごみはどこに出しますか"))
    assert once.encode_query("粗大ごみはどこに出しますか") is vector
    with pytest.raises(ValueError, match="read-only"):
        vector[0] = 1
