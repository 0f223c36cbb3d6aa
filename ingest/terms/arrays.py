"""NumPy arrays on disk: memory-mapped reading and row-by-row writing."""

import mmap
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

STORED = np.float16
"""Half precision: what vectors of passages are stored in; products with a question's are of single precision."""


def map_array(path: Path, *, scattered: bool = False) -> NDArray[Any]:
    """Map the array of a `.npy` file into memory; processes that do share it.

    Of a `scattered` one rows are read here and there. np.asarray: of a plain view rows and slices are taken several
    times faster than of a memmap.
    """
    array = np.load(path, mmap_mode="r")
    if scattered and isinstance(array.base, mmap.mmap):
        advise_random_access(array.base)
    return np.asarray(array)


def advise_random_access(file: mmap.mmap) -> None:
    """Tell the system not to read what lies around a place along with it, where it can be told.

    It reads 128 kB for a row of one: under a limit of memory it would drop for these what the next question needs.
    """
    if hasattr(mmap, "MADV_RANDOM"):
        file.madvise(mmap.MADV_RANDOM)


def create_array(path: Path, dtype: Any, *shape: int) -> NDArray[Any]:
    """Make a `.npy` file of zeros and map it to be written; `written` says when it is done."""
    return (
        npy.open_memmap(path, mode="w+", dtype=dtype, shape=shape)
        if all(shape)
        else _save_empty_array(path, dtype, shape)
    )


def _save_empty_array(path: Path, dtype: Any, shape: tuple[int, ...]) -> NDArray[Any]:
    """Save and return an array without a number in it, which cannot be mapped."""
    array = np.zeros(shape, dtype)
    np.save(path, array)
    return array


class GrowingArray:
    """A `.npy` file to which rows are appended, as many as there come; whole once it is closed."""

    def __init__(self, path: Path, dtype: Any) -> None:
        self._dtype = np.dtype(dtype)
        self._file = path.open("wb")
        self._size = 0
        self._write_header()

    def append(self, rows: NDArray[Any]) -> None:
        """Write more numbers behind those that are there."""
        self._file.write(rows.astype(self._dtype, copy=False).tobytes())
        self._size += len(rows)

    def __len__(self) -> int:
        return self._size

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        # NumPy leaves room in a header for the length to grow.
        self._file.seek(0)
        self._write_header()
        self._file.close()

    def _write_header(self) -> None:
        header = {"descr": npy.dtype_to_descr(self._dtype), "fortran_order": False, "shape": (self._size,)}
        npy.write_array_header_1_0(self._file, header)
