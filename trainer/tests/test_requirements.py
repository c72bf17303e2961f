"""What the trainer imports is what its requirements ask for, not what another package happens to bring."""

import ast
import re
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

TRAINER = Path(__file__).parents[1]
# Torch's own on machines with GPUs; for type checkers alone; of a trainer that is only measured against.
ELSEWHERE = {"triton", "_typeshed", "trl", "datasets"}
DEVELOPMENT = {"tests", "bench", "convert"}


def imported(file: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module is not None:
            names.add(node.module.partition(".")[0])
    return names - sys.stdlib_module_names - {"trainer"} - ELSEWHERE


def asked_for(name: str) -> set[str]:
    found: set[str] = set()
    for line in (TRAINER / name).read_text(encoding="utf-8").splitlines():
        other = re.fullmatch(r"-r (\S+)", line)
        if other:
            found |= asked_for(other[1])
        elif "==" in line:
            found.add(_plain(line.partition("==")[0]))
    return found


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def undeclared(files: list[Path], requirements: str) -> dict[str, list[str]]:
    by_module, asked = packages_distributions(), asked_for(requirements)
    found: dict[str, list[str]] = {}
    for file in files:
        for module in imported(file):
            if not {_plain(each) for each in by_module.get(module, [module])} & asked:
                found.setdefault(module, []).append(str(file.relative_to(TRAINER)))
    return found


def test_every_import_is_asked_for() -> None:
    files = sorted(TRAINER.rglob("*.py"))
    running = [file for file in files if not DEVELOPMENT.intersection(file.parts)]
    assert undeclared(running, "requirements.in") == {}
    assert undeclared(files, "requirements-dev.in") == {}


def test_one_that_is_not_is_found(tmp_path: Path) -> None:
    assert asked_for("requirements.in") < asked_for("requirements-dev.in")
    file = tmp_path / "a.py"
    file.write_text("import json, httpx2\nfrom idna.core import encode\nfrom trainer import spec\n")
    assert imported(file) == {"httpx2", "idna"}
    assert "httpx2" in asked_for("requirements.in") and "idna" not in asked_for("requirements-dev.in")
