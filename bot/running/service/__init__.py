"""The pipeline over the current index generation, with the models that all requests share."""
