"""Near words: how many slips of a thumb lie between what was typed and a word."""


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
    """Is it plainly that word? One slip in four letters or more, two in nine or more.

    In words of four or five letters a changed letter makes another word too easily (step, shop), and so do a
    lost first or last one (top, sto): there a slip is a swap, a letter too much or an inner one too few.
    """
    if len(word) < 4 or not typed.isalpha():
        return False
    if len(word) >= 9:
        return slips(typed, word) <= 2
    if slips(typed, word, 1) != 1:
        return False
    if len(word) >= 6:
        return True
    return not (len(typed) == len(word) and sorted(typed) != sorted(word)) and (
        typed[0] == word[0] and (typed[-1] == word[-1] or len(typed) >= len(word))
    )
