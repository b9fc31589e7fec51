"""Mapping: how files of other houses become rows of our kinds, told by a TOML file.

A mapping is read and checked here, with the line of every fault; its fields become expressions that the
engine computes column by column. What a row then means is the layouts' and the door's.
"""
