"""Charging records of TS 32.298 as columns: many records a step, each step one field further.

`places` finds the records, `scanning` where their fields lie, `values` what fields hold, `columns` names the
fields of a record that features and reconciliation use and makes an Arrow table of them.
"""
