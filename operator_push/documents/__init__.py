"""Documents as files: an invoice, credit note, receipt or statement as CSV, PDF and UBL.

Laws: the same document gives the same octets whenever it is rendered; nothing is computed here that a reader
could check against the document and find different. No row and no clock.
"""
