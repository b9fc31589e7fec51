"""Generate: seeded operator files, as mediation would drop them, for demos, tests and benchmarks.

The same settings give the same octets on every machine: the only source of chance is `random.Random`
seeded with text, and no clock is read. Subscribers are made in batches, one batch per network node, so that
memory stays flat. Nothing here is used to ingest.
"""
