"""control: the simulator's door for people and pipelines while it runs: HTTP API, page, metrics, capture.

Laws: without `[control]` in the scenario nothing here is imported and no octet is kept; everything kept is
bounded; a reader never changes what a bind sees, and who changes it (an MO, a handset's state, a fault) does
so through the engine's own doors, so that the witness has it. Only `http_door` and `stream_tap` know Twisted.
"""
