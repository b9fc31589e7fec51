"""Assertions: what must hold at the end of a run, the figures they speak of, the verdicts, their JUnit file.

`table` is what a scenario writes, `figures` the names that can be asserted, `witness_facts` counts what the
witness tells, `verdicts` judges. Pure: rows and counters come in, verdicts go out. Not here:
when a run ends and who asks (`judging`).
"""
