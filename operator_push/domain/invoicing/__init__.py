"""Invoicing: what the ledger has earned from a customer, as documents that never change once they are final.

Laws: the lines of an invoice sum to its total to the micro, and the total is what the ledger moved; every
charged micro is on exactly one invoice; total - prepaid + rounding = payable. Pure: no row, clock or file.
Not here: how a document looks (documents), where it is kept (store.invoice_rows), moving money (ledger).
"""
