"""Detects the ruling lines of tables and forms in a picture of a page."""

import numpy as np
from numpy.typing import NDArray

from ingest.readers.scans.ocr import Picture

# Brightness below which a pixel is dark.
_DARKNESS_THRESHOLD = 175
# Pixels: minimum length of lines, longer than strokes of letters, some 30 high at 200 dpi.
_MIN_HORIZONTAL = 60
_MIN_VERTICAL = 45
# Pixels: maximum thickness of a line.
_MAX_THICKNESS = 14
# Longest interruption of a line in pixels.
_MAX_GAP = 4

# Left, top, right and bottom in pixels.
RulingLine = tuple[int, int, int, int]


def find_ruling_lines(picture: Picture) -> tuple[list[RulingLine], list[RulingLine]]:
    """Return the horizontal and vertical lines of a deskewed picture, as thin boxes."""
    dark = picture.min(axis=2) < _DARKNESS_THRESHOLD
    horizontal = _dark_runs(dark, _MIN_HORIZONTAL)
    vertical = [(a, b, c, d) for b, a, d, c in _dark_runs(dark.T, _MIN_VERTICAL)]
    return horizontal, vertical


def _dark_runs(dark: NDArray[np.bool_], min_length: int) -> list[RulingLine]:
    from scipy import ndimage  # noqa: PLC0415 -- imported on use: 0.3 s and 22 MB

    closed = ndimage.binary_closing(dark, np.ones((1, _MAX_GAP + 1), bool))
    edges = np.diff(np.pad(closed, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    rows, starts = np.nonzero(edges == 1)
    _, ends = np.nonzero(edges == -1)
    long = ends - starts >= min_length
    line_pixels = np.zeros_like(dark)
    for row, start, end in zip(rows[long], starts[long], ends[long], strict=True):
        line_pixels[row, start:end] = True
    labels, _ = ndimage.label(line_pixels, np.ones((3, 3), int))
    boxes = (
        (region[1].start, region[0].start, region[1].stop, region[0].stop) for region in ndimage.find_objects(labels)
    )
    return [box for box in boxes if box[3] - box[1] <= _MAX_THICKNESS]
