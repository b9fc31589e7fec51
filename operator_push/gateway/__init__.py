"""The gateway: faces ESMEs and SMSCs, maps PDUs to submissions and back, commits before it promises.

Everything here runs on the reactor's loop, in batches; rows are written by the store's writer thread. What a
message may do is decided in services and domain, never here.
"""
