"""smsc-sim: the bundled SMSC simulator, for load, faults, durability and billing.

An SMSC with accounts, handsets, receipts and answers, and with its own truth: a witness of every decision and
a CDR file per closed period. The engine (`smsc` and what it leans on) is sans-I/O: sessions, `now` and
seeded chance are arguments; only `program` knows sockets, signals and clocks. Shares with the product the
rooms smpp, smpp_twisted, text, cdr and kernel, nothing else.
"""
