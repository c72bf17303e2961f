"""What is wrong with JSON, in words for whoever wrote it: the parser's own are for programmers."""

WORDS = (
    ("Expecting value", "a value is missing here, or is none that JSON knows"),
    ("Extra data", "something stands behind the end of the value"),
    ("Expecting ',' delimiter", "a comma or a closing bracket is missing"),
    ("Expecting ':' delimiter", "a colon is missing behind a name"),
    ("Expecting property name", "a name in double quotes is missing"),
    ("Illegal trailing comma", "nothing follows a comma"),
    ("Invalid control character", "a control character stands in a text; it is written \\n, \\t or the like"),
    ("Invalid \\", "a backslash begins no escape that JSON knows"),
    ("Unterminated string", "a text that begins here has no closing quote"),
    ("Exceeds the limit", "holds a whole number of more digits than can be read"),
)


def in_words(error: BaseException) -> str:
    """Of what is not the parser's, its own words."""
    said = getattr(error, "msg", str(error))
    return next((words for beginning, words in WORDS if said.startswith(beginning)), said)
