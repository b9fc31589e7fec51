"""Features: what is learned from permitted records, one definition per row of `kernel.feature_catalogue`.

Definitions are Ibis expressions, written once and run by any engine. Two stages: `partials` sums what a
person did on one local day, `merged` brings the days of a window together, `definitions` has an expression
per feature, and `compute` keeps the days that have not changed and writes what came out.
"""
