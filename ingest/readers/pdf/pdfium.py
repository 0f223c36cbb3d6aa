"""PDFium with bundled Japanese fonts; import its classes from here, not from `pypdfium2`.

Without a Japanese font on the machine, PDFium gives vertical and rotated text of non-embedded fonts no size, so that
columns get lost and pages render blank.
"""

import ctypes
import sys
from importlib.resources import files
from pathlib import Path

from pypdfium2 import PdfDocument, PdfiumError, PdfMatrix, PdfPage, PdfTextPage, raw

__all__ = ["PdfDocument", "PdfMatrix", "PdfPage", "PdfTextPage", "PdfiumError", "raw"]

# Default folders on Linux: setting a font path replaces them, and they may have scripts that ours lack.
_SYSTEM_FONTS = (Path("/usr/share/fonts"), Path("/usr/share/X11/fonts"), Path("/usr/local/share/fonts"))
# PDFium keeps the addresses, so these must outlive it.
_FOLDERS: list[ctypes.Array[ctypes.c_char]] = []


def _restart_with_fonts() -> None:
    font_folder = Path(str(files("pylopdf_fonts_jp")))
    _FOLDERS.extend(ctypes.create_string_buffer(bytes(folder)) for folder in (font_folder, *_SYSTEM_FONTS))
    pointer = ctypes.POINTER(ctypes.c_char)
    folders = (pointer * (len(_FOLDERS) + 1))(*(ctypes.cast(folder, pointer) for folder in _FOLDERS))
    raw.FPDF_DestroyLibrary()
    raw.FPDF_InitLibraryWithConfig(raw.FPDF_LIBRARY_CONFIG(version=2, m_pUserFontPaths=folders))


if sys.platform == "linux":  # other systems find their Japanese fonts
    _restart_with_fonts()
