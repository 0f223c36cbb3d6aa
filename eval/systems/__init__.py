"""Ways to ask a case: this process, a running server or another system."""
