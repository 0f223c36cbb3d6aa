"""The staff's side of the dictionary (`bot.dictionary`): changes, their effects, and proposals of names."""
