"""Staff sign-in: accounts, sessions, API keys and the start token."""
