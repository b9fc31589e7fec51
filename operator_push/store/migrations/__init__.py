"""Migrations: how a store's tables came to be, one revision a file, run by store.migrate.

Laws: a revision states its tables itself and never imports `schema`, which moves on; the newest revision and
`schema` are equal on both databases (a contract test compares them). A released revision is never edited.
"""
