"""Expressions (`where=`): the grammar, and where they choose records."""
