"""What all that answers over HTTP shares: shapes of requests and answers, problems, limits, spreadsheets."""
