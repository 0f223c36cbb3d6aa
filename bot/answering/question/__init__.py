"""Understands a message, in this order.

`follow_ups` prepares the history, `splitting` finds the questions, `follow_ups` completes each from the conversation,
`query_parser` parses it with its `scope`, as typed and in the documents' `spelling`, and `name_expansion` adds wordings
with official names of the office's `dictionary`.
"""
