"""The ranker's weights, fitted on judged sets."""
