"""Renders a saved run as one self-contained HTML file."""
