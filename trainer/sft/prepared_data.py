"""What prepare has left for training."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trainer import manifest
from trainer.failure import StageError
from trainer.sft import plan
from trainer.sft.data import TokenStore, open_store
from trainer.spec import Job


@dataclass(frozen=True, slots=True)
class PreparedData:
    store: TokenStore
    rows: list[plan.Row]
    figures: dict[str, Any]
    """prepared.json"""


def read_prepared(job: Job) -> PreparedData:
    """What prepare made for this specification. Raises StageError `missing-input` or `data`."""
    folder = job.work / "data"
    listed = manifest.read(folder)
    if listed is None or listed.get("spec") != job.digest:
        state = "is not there" if listed is None else "was made for another job specification"
        raise StageError("missing-input", f"The prepared data {folder} {state}. Run the prepare stage first.")
    broken = manifest.damage(folder, listed["files"])
    if broken is not None:
        raise StageError("data", f"{broken}. Remove {folder} and run the prepare stage again.")
    figures = json.loads((folder / "prepared.json").read_bytes())
    return PreparedData(open_store(folder), _read_rows(folder / "rows.jsonl"), figures)


def _read_rows(path: Path) -> list[plan.Row]:
    with path.open(encoding="utf-8") as file:
        parsed = [json.loads(line) for line in file]
    return [plan.Row(step=row["step"], epoch=row["epoch"], samples=tuple(row["samples"])) for row in parsed]
