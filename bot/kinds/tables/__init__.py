"""Tables: their lookup by passage, operations on them, and their rendering."""
