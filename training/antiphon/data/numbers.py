"""Numbers as they are spoken: `420` is "four hundred and twenty"."""

_ONES = ("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
         "seventeen eighteen nineteen").split()
_TENS = "zero ten twenty thirty forty fifty sixty seventy eighty ninety".split()


def number_words(number):
    """The spoken words of an integer from 0 to 9999.

    Raises ValueError for a number outside that range.
    """
    if not 0 <= number <= 9999:
        raise ValueError(f"number {number} cannot be spoken, expected 0 to 9999")
    if number < 20:
        return _ONES[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        return _TENS[tens] + (f" {_ONES[ones]}" if ones else "")
    size, name = (1000, "thousand") if number >= 1000 else (100, "hundred")
    head, rest = divmod(number, size)
    words = f"{number_words(head)} {name}"
    if not rest:
        return words
    return words + (" and " if rest < 100 else " ") + number_words(rest)
