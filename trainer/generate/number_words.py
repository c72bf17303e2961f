"""Numbers as English words: Qwen2.5's tokenizer cuts figures into digits, but a word can be one token."""

SMALL = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")


def in_words(number: int) -> str:
    """`twenty-one`; from a hundred on in figures, as running text does."""
    if number < len(SMALL):
        return SMALL[number]
    if number >= 100:
        return str(number)
    tens, units = divmod(number, 10)
    return TENS[tens - 2] + (f"-{SMALL[units]}" if units else "")
