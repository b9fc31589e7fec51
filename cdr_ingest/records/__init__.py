"""Records: what the door let through, kept as Parquet without numbers, so that a later run can add to it.

Each run writes one new folder `records/NNNNNN` that holds everything kept so far; the ledger of runs says
which folder counts, so a run that dies leaves the former one in force. A person who has withdrawn since is
absent from the next folder, and the former one is removed.
"""
