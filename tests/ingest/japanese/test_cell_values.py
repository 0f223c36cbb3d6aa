from ingest.japanese.cell_values import parse_values


def test_figures_of_up_to_28_digits_are_read_and_longer_ones_are_text() -> None:
    assert parse_values("9" * 29 + "円") == ()
    assert len(parse_values("9" * 28 + "円")) == 1
