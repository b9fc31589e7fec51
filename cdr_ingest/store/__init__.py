"""Store: the ledger of files and runs of one output folder (SQLite, `ingest.db`).

A file is known by the hash of its content and is read once. A run counts from the moment its row is
committed: that commit is the only switch between what was and what is.
"""
