"""Gradio theme with the colours of the pages' style sheet."""

import gradio as gr

# Fonts of the reader's system that are made for Japanese; none is fetched.
FONTS = ("Hiragino Sans", "Hiragino Kaku Gothic ProN", "Yu Gothic UI", "Noto Sans CJK JP", "Noto Sans JP", "sans-serif")
# Custom properties of bot/rendering/html/static/base.css, which has a light and a dark value for each.
_COLOURS = {
    "body_background_fill": "--paper",
    "body_text_color": "--ink",
    "body_text_color_subdued": "--muted",
    "background_fill_primary": "--surface",
    "background_fill_secondary": "--paper",
    "border_color_primary": "--line",
    "border_color_accent": "--accent",
    "color_accent_soft": "--accent-soft",
    "link_text_color": "--accent",
    "link_text_color_hover": "--accent-strong",
    "link_text_color_visited": "--accent",
    "link_text_color_active": "--accent",
    "block_border_color": "--line",
    "block_label_text_color": "--ink",
    "block_title_text_color": "--ink",
    "block_info_text_color": "--muted",
    "input_background_fill": "--surface",
    "input_background_fill_focus": "--surface",
    "input_border_color": "--edge",
    "input_border_color_focus": "--accent",
    "input_placeholder_color": "--muted",
    "checkbox_background_color": "--surface",
    "checkbox_background_color_selected": "--accent",
    "checkbox_border_color": "--edge",
    "checkbox_border_color_focus": "--accent",
    "checkbox_border_color_selected": "--accent",
    "checkbox_label_background_fill": "--surface",
    "checkbox_label_background_fill_hover": "--accent-soft",
    "checkbox_label_background_fill_selected": "--accent-soft",
    "checkbox_label_border_color": "--line",
    "checkbox_label_border_color_selected": "--accent",
    "checkbox_label_text_color": "--ink",
    "checkbox_label_text_color_selected": "--ink",
    "button_primary_background_fill": "--accent",
    "button_primary_background_fill_hover": "--accent-strong",
    "button_primary_border_color": "--accent",
    "button_primary_text_color": "--on-accent",
    "button_primary_text_color_hover": "--on-accent",
    "button_secondary_background_fill_hover": "--accent-soft",
    "button_secondary_border_color": "--edge",
    "button_secondary_border_color_hover": "--accent",
    "button_secondary_text_color": "--accent",
    "button_secondary_text_color_hover": "--accent",
}
_PLAIN = {
    "block_background_fill": "transparent",
    "button_secondary_background_fill": "transparent",
    "block_shadow": "none",
    "input_shadow": "none",
    "input_shadow_focus": "none",
}


def quiet_theme() -> gr.themes.Base:
    """Return the theme; its colours are the custom properties of the style sheet, in light and in dark."""
    light = {**{name: f"var({value})" for name, value in _COLOURS.items()}, **_PLAIN}
    dark = {f"{name}_dark": value for name, value in light.items()}
    return gr.themes.Base(font=FONTS, font_mono=("monospace",), radius_size="lg").set(**light, **dark)
