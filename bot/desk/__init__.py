"""What staff and testers of an office work with: answers, documents, plans, the queue."""
