"""What verification catches, and what it wrongly stops."""
