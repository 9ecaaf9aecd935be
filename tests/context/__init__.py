"""Context: fields for a block, without one, and from context variables of the program."""
