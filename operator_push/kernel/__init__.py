"""The kernel: money, numbering, instants, ids, errors, meters, pseudonyms and the contracts between programs.

Pure: values in, values out; no socket, clock, row or log. Everyone may import it and it imports nobody.
"""
