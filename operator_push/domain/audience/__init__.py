"""Audiences: the rule language, typed, with two meanings that always agree, and what a count may tell.

A rule is text in a subset of CEL over the feature catalogue. lexer → parser → types make a checked tree
(tree); to_sql, to_python and words say it in SQL, as a function and in English; rule puts them together.
"""
