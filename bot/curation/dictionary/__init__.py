"""The staff's side of the dictionary (`bot.question.dictionary`): changes, their effects, and proposals of names."""
