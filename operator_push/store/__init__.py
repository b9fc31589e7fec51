"""The store: rows behind the ports, by SQLAlchemy Core on SQLite (embedded) and PostgreSQL, one schema.

Laws: facts are inserted and never updated, save the few rows named as such in `schema`; `shard` and `day`
stand in the key of every large table; the hot path hands the driver tuples, never dictionaries.
No decision is made here.
"""
