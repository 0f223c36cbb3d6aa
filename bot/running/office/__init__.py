"""The office as readers see it: name, colour, opening hours and departments."""
