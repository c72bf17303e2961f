"""Full-width forms of ASCII, as Chinese text has them, and what each stands for, for `str.translate`."""

FULL_WIDTH = {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
