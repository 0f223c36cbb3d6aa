"""The ways in over HTTP: the API, its OpenAI form, and what guards them."""
