"""PDFium with bundled Japanese fonts; import its classes from here, not from `pypdfium2`.

Text in a font that a PDF does not carry is placed by the glyphs of a substitute. Without a Japanese font on the machine
vertical and rotated text has no size, and whole columns of it were lost without a word; its picture was blank.
"""

import ctypes
import sys
from importlib.resources import files
from pathlib import Path

from pypdfium2 import PdfDocument, PdfiumError, raw

__all__ = ["PdfDocument", "PdfiumError"]

# Where PDFium looks by itself on Linux: naming a folder replaces these, and they may have scripts that ours lack.
_SYSTEM_FONTS = (Path("/usr/share/fonts"), Path("/usr/share/X11/fonts"), Path("/usr/local/share/fonts"))
# PDFium keeps the addresses, so these live as long as the process.
_FOLDERS: list[ctypes.Array[ctypes.c_char]] = []


def _restart_with_fonts() -> None:
    """Start PDFium again: pypdfium2 starts it when it is imported, and fonts can be named only then."""
    own = Path(str(files("pylopdf_fonts_jp")))
    _FOLDERS.extend(ctypes.create_string_buffer(bytes(folder)) for folder in (own, *_SYSTEM_FONTS))
    pointer = ctypes.POINTER(ctypes.c_char)
    folders = (pointer * (len(_FOLDERS) + 1))(*(ctypes.cast(folder, pointer) for folder in _FOLDERS))
    raw.FPDF_DestroyLibrary()
    raw.FPDF_InitLibraryWithConfig(raw.FPDF_LIBRARY_CONFIG(version=2, m_pUserFontPaths=folders))


if sys.platform == "linux":  # other systems have their own way to fonts, and Japanese ones
    _restart_with_fonts()
