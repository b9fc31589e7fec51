"""Profiles: readers of features.parquet, the file in which cdr_ingest leaves what it learned.

Law: permission is asked again at every question. Nothing is answered about a subscriber who is not in the
caller's bitmap of the permitting, whatever the file holds. How features are made does not belong here.
"""
