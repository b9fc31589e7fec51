"""load: the ESME side for QA: binds to an SMSC, sends a planned mix of messages and measures what comes back.

Laws: in open loop every message has a moment at which it is due, and its latency counts from there, so that a
server that stalls cannot hide it; a message without an answer counts with the time it was waited for. The
same plan and seed send the same messages on each bind. Only `stream` and `run` know sockets and clocks.
Not here: the SMSC's side (everything above this folder).
"""
