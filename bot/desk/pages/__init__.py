"""The call-centre console: answers, passages and documents side by side, with shortcuts."""
