"""Profiles: readers of the features that cdr_ingest leaves; `permitted_profiles` is the only door to them.

Law: permission is asked again at every question. Nothing is answered about a subscriber who does not permit
it at that moment, whatever the files hold. How features are made does not belong here.
"""
