"""The vault: who is who, MSISDN ⇄ subscriber number, and the record of who asked.

Laws: outside this room a person is a subscriber number; a look-up back is audited; files that leave hold
keyed look-up values. What a person permits is not known here.
"""
