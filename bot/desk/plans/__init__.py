"""Plans: their targets with the results, as `/plans` shows them."""
