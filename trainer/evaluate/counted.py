"""How many of what, in words."""


def counted(number: int, noun: str) -> str:
    """`1 question`, `2,000 questions`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
