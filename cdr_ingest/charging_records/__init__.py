"""Charging records of 3GPP TS 32.298 as rows of our kinds: bare, or in files of TS 32.297, read as streams.

A damaged record is a reject with its octets, and the next one is found again. What the fields mean in the
standard is operator_push.cdr's; what a row means to a subscriber is the layouts' and the door's.
"""
