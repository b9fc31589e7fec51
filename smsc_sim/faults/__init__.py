"""Faults: what goes wrong on purpose, by share, prefix, count or time, and switchable while the run goes on.

`tables` is what a scenario says, `selection` which PDUs are hit, `desk` who decides and keeps the switches;
`requests`, `outgoing`, `receipts` and `stream` are what the kinds do; `session` is where octets pass. Laws:
a fault never changes the SMSC's decision behind its back (a message is accepted or refused, and counted so;
the fault changes what the ESME sees of it); every hit has a witness row; chance is a keyed hash. Not here:
what is no fault, such as handsets that are off (population) and limits of accounts.
"""
