"""Whether a request that failed is worth another try, and after how long. Decides; `completions` acts."""

TRIES = 6
_FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
# A server that is busy, starts again or is cut off by its proxy; any other answer would come again.
_MAY_PASS = frozenset({408, 425, 429, 500, 502, 503, 504})


def pause_before(tries: int, status: int | None, retry_after: str | None = None) -> float | None:
    """Seconds until the next try after so many; None where no other would help.

    `status`: of the answer, None where none came. `retry_after`: its header of this name.
    """
    if tries >= TRIES or (status is not None and status not in _MAY_PASS):
        return None
    pause = _FIRST_PAUSE_SECONDS * 2.0 ** (tries - 1)
    if retry_after is not None and retry_after.isdecimal():
        pause = max(pause, float(retry_after))
    return min(pause, LONGEST_PAUSE_SECONDS)
