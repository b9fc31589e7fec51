"""The indicators of mobile-phone research as bandicoot 0.6.0 defines them, for many people at once.

`reading` makes columns of its files, `selections` cuts them by part of the week and of the day and into bins,
`individual`, `spatial` and `recharges` hold the indicators, `catalogue` names them, `compute` asks them, and
`report` nests the results.
"""
