"""Which code a rehearsal speaks of."""

import hashlib
from pathlib import Path

import trainer

PATTERNS = ("*.py", "sft/*.py", "rehearse/*.py", "*.lock")


def code_digest() -> str:
    """Of what decides a step; the same as in orchestrator/documents/reader-digest.ts."""
    folder = Path(trainer.__file__).parent
    names = sorted(
        path.relative_to(folder).as_posix() for pattern in PATTERNS for path in folder.glob(pattern)
    )
    texts = [f"{name}\n{(folder / name).read_text(encoding='utf-8')}" for name in names]
    return "sha256:" + hashlib.sha256("\n".join(texts).encode()).hexdigest()
