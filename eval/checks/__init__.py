"""What is checked of the cases themselves, before anything is asked: one check a module."""
