"""Glued words: words that are written without the spaces between them (stoptextingme)."""

from collections.abc import Collection

LETTERS_MAX = 40  # Ours: longer ones are not words that somebody forgot to part


def parted(token: str, words: Collection[str]) -> tuple[str, ...] | None:
    """The fewest words that make up the token, the longest first where there are several ways; None where
    they do not make it up."""
    if len(token) > LETTERS_MAX:
        return None
    best: list[tuple[str, ...] | None] = [()]
    for end in range(1, len(token) + 1):
        ways = [
            (*before, token[begin:end])
            for begin, before in enumerate(best)
            if before is not None and token[begin:end] in words
        ]
        best.append(min(ways, key=len) if ways else None)
    return best[-1]
