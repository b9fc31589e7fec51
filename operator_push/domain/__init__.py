"""The domain: what may be sent to whom, what it costs, who pays, and what became of it.

Tables, values and functions over them; state where a fold needs it (permission, balances, caps), owned by one
thread. No socket, row, clock or chance: moments are arguments, rows are somebody else's.
"""
