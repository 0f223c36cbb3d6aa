"""NumPy arrays on disk: memory-mapped reading and row-by-row writing."""

import mmap
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

VECTOR_DTYPE = np.float16
"""Half precision for stored passage vectors; products with query vectors are in single precision."""


def map_array(path: Path, *, scattered: bool = False) -> NDArray[Any]:
    """Memory-map the array of a `.npy` file; processes share it.

    `scattered` optimises for random access to rows. A plain array is indexed several times faster than a memmap.
    """
    array = np.load(path, mmap_mode="r")
    if scattered and isinstance(array.base, mmap.mmap):
        advise_random_access(array.base)
    return np.asarray(array)


def advise_random_access(file: mmap.mmap) -> None:
    """Turn off read-ahead if the system supports it.

    Read-ahead loads 128 kB per row, which evicts useful pages under a memory limit.
    """
    if hasattr(mmap, "MADV_RANDOM"):
        file.madvise(mmap.MADV_RANDOM)


def create_array(path: Path, dtype: Any, *shape: int) -> NDArray[Any]:
    """Create a memory-mapped `.npy` file of zeros for writing."""
    if all(shape):
        return npy.open_memmap(path, mode="w+", dtype=dtype, shape=shape)
    array = np.zeros(shape, dtype)
    np.save(path, array)
    return array


class GrowingArray:
    """A `.npy` file to which rows are appended; valid once it is closed."""

    def __init__(self, path: Path, dtype: Any) -> None:
        self._dtype = np.dtype(dtype)
        self._file = path.open("wb")
        self._size = 0
        self._write_header()

    def append(self, rows: NDArray[Any]) -> None:
        """Append rows."""
        self._file.write(rows.astype(self._dtype, copy=False).tobytes())
        self._size += len(rows)

    def __len__(self) -> int:
        return self._size

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        # NumPy headers reserve space for the length.
        self._file.seek(0)
        self._write_header()
        self._file.close()

    def _write_header(self) -> None:
        header = {"descr": npy.dtype_to_descr(self._dtype), "fortran_order": False, "shape": (self._size,)}
        npy.write_array_header_1_0(self._file, header)
