"""Amendments: operations of amending documents on the provisions of others, and the consolidated text."""
