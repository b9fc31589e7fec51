"""The door: rows of text come in with numbers, rows without numbers and only of the permitting go out.

Law: nothing that names a person passes. The door's DuckDB lives in memory and may not spill to disk; a
number becomes a subscriber number by the permission snapshot, a correspondent a pseudonym of its owner,
a row of somebody who does not permit its use is counted and forgotten before any feature.
"""
