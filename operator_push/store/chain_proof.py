"""Chain proof: what following a chain of rows found, whichever chain it is."""

import msgspec


class ChainProof(msgspec.Struct, kw_only=True):
    """How many `errors`; `first_error` names table, key and what is wrong; `head` is where the chain ends."""

    errors: int = 0
    first_error: str | None = None
    head: str = ""

    def wrong(self, what: str) -> None:
        """Count an error, and keep the first."""
        self.errors += 1
        self.first_error = self.first_error or what
