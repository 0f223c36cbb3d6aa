"""Short answers from passages, on sets in the format of SQuAD."""
