"""What the index holds, to be looked into without a question: documents, two of them compared, the plans' targets."""
