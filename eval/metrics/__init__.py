"""One metric a module, named as the field names it."""
