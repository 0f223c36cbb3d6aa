"""Usage statistics: monthly report and open data, without personal data and small counts."""
