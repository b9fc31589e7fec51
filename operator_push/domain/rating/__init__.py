"""Rating: what a message costs by a dated, versioned tariff, and every rule by which it came to that.

`document` is what a tariff may say, `reading` makes one from TOML or JSON, `pricing.rate` prices a message by
it; each kind of rule has a file of its own. Laws: integer micros only; the lines of a rating sum to its
total; the same request, tariff and usage give the same rating for ever.
Not here: who owes what (domain.ledger), and the compiled price of the hot path (domain.tariff).
"""
