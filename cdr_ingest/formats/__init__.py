"""Formats: how operators' files become columns of text, row by row, with the line of every row kept.

The CSV forms of this house are here; a further format is a further module that yields the same blocks.
What a row means (features, permission) does not belong here.
"""
