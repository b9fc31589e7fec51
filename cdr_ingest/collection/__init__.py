"""Collection: files from where mediation leaves them into the input folder, each once.

A source lists what has arrived and hands over its octets; the collector notes a file in the ledger and
renames it, complete, into the input folder. Sources are found by the entry-point group of `port`; the watched
folder is here, the others are adapters. What a file holds is not known here.
"""
