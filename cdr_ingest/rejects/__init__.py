"""Rejects: the masked list that people read, and the sealed file that holds each rejected record's octets.

Law: octets that may hold a number reach the disk only encrypted, by a key that is derived from the pseudonym
key, in files that only their owner may open.
"""
