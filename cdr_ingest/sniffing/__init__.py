"""Sniffing: a look at the first rows of a file, and a mapping that would read it, with reasons.

Everything here is a guess and says how sure it is. Nothing of a file's content is kept or written.
"""
