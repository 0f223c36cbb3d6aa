"""The doors that a case can be asked through: this process, a running server, another system."""
