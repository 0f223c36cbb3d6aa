"""Reading a question: what it asks for, in which document and as of when, also as a follow-up and in odd spelling."""
