"""Work in threads and processes, with limits on time and memory."""
