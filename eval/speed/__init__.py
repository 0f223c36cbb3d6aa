"""How fast and how large the product is, at sizes that are asked for, beside the stock way where that is wanted."""
