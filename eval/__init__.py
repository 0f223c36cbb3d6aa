"""Cases in, figures out."""
