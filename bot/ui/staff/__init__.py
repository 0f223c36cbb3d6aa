"""The call-centre console: answer, passages and documents side by side, by keyboard, and the documents themselves."""
