"""Features: what is learned from permitted records, one definition per row of `kernel.feature_catalogue`.

Definitions are expressions in one table (`definitions`), their inputs a few named relations (`sources`);
`compute` joins them by purpose. Another engine replaces these three files and nothing else.
"""
