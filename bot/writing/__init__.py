"""Writing: an answer while a language model writes it: what it reads, how its reply is read, judged, mended, told."""
