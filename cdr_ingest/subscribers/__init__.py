"""Subscriber records of other systems as rows of subscribers.csv and of the file of changes.

LDIF (RFC 2849) and the JSON of TM Forum's Party (TMF632) and Customer (TMF629) become flat attributes; one
table says which column each of them is. What comes out holds numbers: it belongs into the input folder.
"""
