"""Recognise retries: the same submission again, because its first answer was lost on the way.

What comes again within the account's window gets the first id and no second charge. Same means: account,
sender, recipient, the client's own reference (user_message_reference, or reference and part of a user data
header or of SAR TLVs) and the text. Without a reference nothing is recognised: two equal texts to one person
may both be meant. Only what was admitted is remembered; a refusal is decided anew.
"""

KEPT_MAX = 400_000  # Ours: about 70 MB; a window that would hold more becomes shorter.


class RecogniseRetry:
    """Keys and ids of the last admissions, in two generations, so that forgetting costs nothing."""

    def __init__(self, kept_max: int = KEPT_MAX) -> None:
        self._generation_max = max(1, kept_max // 2)
        self._young: dict[int, tuple[int, int]] = {}
        self._old: dict[int, tuple[int, int]] = {}
        self._turned_us = 0
        self._window_us = 0

    def __len__(self) -> int:
        return len(self._young) + len(self._old)

    def find(self, key: int, window_us: int, now_us: int) -> int:
        """The id under which this submission was admitted within the window, 0 where it was not.

        `key` is a hash of 64 bits over everything that makes two submissions the same.
        """
        known = self._young.get(key) or self._old.get(key)
        return known[0] if known is not None and now_us - known[1] <= window_us else 0

    def remember(self, key: int, message_id: int, window_us: int, at_us: int) -> None:
        """An admission that a retry may refer to for `window_us`."""
        self._window_us = max(self._window_us, window_us)
        if len(self._young) >= self._generation_max or at_us - self._turned_us > self._window_us:
            self._old, self._young = self._young, {}
            self._turned_us = at_us
        self._young[key] = (message_id, at_us)
