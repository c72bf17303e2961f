"""Units that are written in more than one way; any other is its own name."""

_SPELLINGS = {
    "inch": "inch inches in",
    "foot": "foot feet ft",
    "yard": "yard yards yd yds",
    "mile": "mile miles mi",
    "meter": "meter meters metre metres m",
    "centimeter": "centimeter centimeters centimetre centimetres cm",
    "millimeter": "millimeter millimeters millimetre millimetres mm",
    "kilometer": "kilometer kilometers kilometre kilometres km",
    "second": "second seconds sec secs s",
    "minute": "minute minutes min mins",
    "hour": "hour hours hr hrs h",
    "day": "day days",
    "year": "year years yr yrs",
    "degree": "degree degrees deg",
    "dollar": "dollar dollars usd",
    "cent": "cent cents",
    "gram": "gram grams g",
    "kilogram": "kilogram kilograms kg",
    "unit": "unit units",
}
UNIT_NAMES = {spelling: name for name, spellings in _SPELLINGS.items() for spelling in spellings.split()}
UNIT_POWERS = {"square": 2, "sq": 2, "sq.": 2, "cubic": 3, "cu": 3, "cu.": 3}
