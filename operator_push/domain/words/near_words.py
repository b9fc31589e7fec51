"""Near words: how many slips of a thumb lie between what was typed and a word."""

SHORT_WORD = "stop"  # the word that messages tell people to write
LONG_WORD = 11  # unsubscribe


def slips(typed: str, word: str, most: int = 2) -> int:
    """Insertions, deletions, substitutions and swaps of neighbours; `most` + 1 where there are more.

    The optimal string alignment distance.
    """
    if abs(len(typed) - len(word)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(word) + 1))
    for place, letter in enumerate(typed, 1):
        above, row = row, [place]
        for column, wanted in enumerate(word, 1):
            least = min(above[column] + 1, row[-1] + 1, above[column - 1] + (letter != wanted))
            swapped = place > 1 and column > 1 and letter == word[column - 2] and typed[place - 2] == wanted
            if swapped:
                least = min(least, before[column - 2] + 1)
            row.append(least)
        before = above
        if min(row) > most:
            return most + 1
    return min(row[-1], most + 1)


def is_slip_of(typed: str, word: str) -> bool:
    """Is it plainly that word? One slip in six letters or more, two in eleven; in fewer only a swap.

    The first letter stands: bestellen (order) is no slip of abbestellen. Shorter words have too many
    neighbours in some language. `stop` has rules of its own: a changed letter makes another word too easily
    (step, shop), and so do a lost first or last one (top, sto); one too much or an inner one too few do not.
    """
    if not typed.isalpha() or typed[0] != word[0]:
        return False
    if word == SHORT_WORD:
        if slips(typed, word, 1) != 1:
            return False
        is_changed = len(typed) == len(word) and sorted(typed) != sorted(word)
        return not is_changed and (typed[-1] == word[-1] or len(typed) >= len(word))
    if len(word) >= LONG_WORD:
        return slips(typed, word) <= 2
    is_swap = sorted(typed) == sorted(word)
    return len(word) >= (4 if is_swap else 6) and slips(typed, word, 1) == 1
