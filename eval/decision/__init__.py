"""The decision between an answer and a refusal, measured and fitted."""
