"""The invariants: what must hold after a run, each a named row with the numbers that show it.

Pure: `Results` in, rows out (`judgement.judge`). A row that does not hold says which records to look at.
"""
