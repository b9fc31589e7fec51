"""Self-care: the pages on which the holder of a number sees and changes what is known and permitted.

Laws: every page works without JavaScript and has none; no number stands in an address or a log; what changes
something is a POST with the session's secret; the pages know the house by `desk.Desk` alone.
"""
