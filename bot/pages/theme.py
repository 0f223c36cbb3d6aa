"""Gradio theme with the colours of the pages' style sheet."""

import gradio as gr

# What the reader's system has: nothing is fetched, and Japanese is set in a face made for it.
FONTS = ("Hiragino Sans", "Hiragino Kaku Gothic ProN", "Yu Gothic UI", "Noto Sans CJK JP", "Noto Sans JP", "sans-serif")


def quiet_theme() -> gr.themes.Base:
    """Return the theme; its colours are the custom properties of the style sheet, in light and in dark."""
    both = {
        "body_background_fill": "var(--paper)",
        "body_text_color": "var(--ink)",
        "block_background_fill": "transparent",
    }
    dark = {f"{name}_dark": value for name, value in both.items()}
    return gr.themes.Base(font=FONTS, font_mono=("monospace",)).set(**both, **dark)
