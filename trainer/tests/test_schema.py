"""The dataclasses that read the job specification accept exactly what its generated schema lets through.

The schema (orchestrator/wire/job-spec.ts) is the one truth.
"""

import dataclasses
import json
import types
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import pytest

import trainer
from trainer.evaluate.settings import Benchmark, Control, EngineChoice
from trainer.parse import camel
from trainer.spec import EvaluationSpec, JobSpec

Node = dict[str, Any]


def schema(name: str) -> Node:
    path = Path(trainer.__file__).parent / "schema" / f"{name}.schema.json"
    read: Node = json.loads(path.read_text(encoding="utf-8"))
    return read


SCHEMA = schema("job-spec")
SCALARS = {str: {"string"}, int: {"integer"}, float: {"number", "integer"}, bool: {"boolean"}}

# Choices of the schema that no dataclass of the specification reads.
READ_ELSEWHERE = {
    "spec.recipe.kind": "the control plane launches recipes of this kind only",
    "spec.recipe.dataset.source": "trainer.sft.source",
    "spec.recipe.evaluation": "trainer.evaluate.settings, below",
    "spec.recipe.training.sequenceParallel": "decided by the plan: spec.sequenceParallel",
}


def alternatives(*nodes: Node) -> list[Node]:
    flat: list[Node] = []
    for node in nodes:
        parts: list[Node] = node.get("oneOf") or node.get("anyOf") or []
        if isinstance(node.get("type"), list):
            parts = [{**node, "type": kind} for kind in node["type"]]
        flat += alternatives(*parts) if parts else [node]
    return flat


def values(node: Node) -> list[Any]:
    """What the trainer must know of an enumeration or a constant."""
    if "const" in node:
        return [node["const"]]
    chosen: list[Any] = node.get("enum") or []
    return chosen


def disagreements(expected: Any, nodes: list[Node], path: str) -> list[str]:
    """Where the type `expected` and the schema's `nodes` would not accept the same."""
    if path in READ_ELSEWHERE:
        return []
    choices = alternatives(*nodes)
    origin, arguments = get_origin(expected), get_args(expected)
    if origin in (Union, types.UnionType):
        inner = next(kind for kind in arguments if kind is not types.NoneType)
        return disagreements(inner, [node for node in choices if node.get("type") != "null"], path)
    if any(node.get("type") == "null" for node in choices):
        return [f"{path} may be null in the schema, not in {expected}"]
    if dataclasses.is_dataclass(expected):
        return of_dataclass(expected, choices, path)
    if origin is Literal:
        known = {value for node in choices for value in values(node)}
        return [] if known == set(arguments) else [f"{path} is one of {known}, not of {arguments}"]
    if any(values(node) for node in choices):
        return [f"{path} is one of {[values(node) for node in choices]}, and {expected} takes any"]
    kinds = {node.get("type") for node in choices}
    if origin is list:
        wrong = [] if kinds == {"array"} else [f"{path} is {kinds}, not an array"]
        return wrong or disagreements(arguments[0], [node["items"] for node in choices], f"{path}[]")
    if (origin or expected) is dict:
        return [] if kinds == {"object"} else [f"{path} is {kinds}, not an object"]
    return [] if kinds <= SCALARS[expected] else [f"{path} is {kinds}, not {expected}"]


def of_dataclass(expected: Any, objects: list[Node], path: str) -> list[str]:
    found, hints = [], get_type_hints(expected)
    fields = {camel(field.name): field for field in dataclasses.fields(expected)}
    for key, field in fields.items():
        nodes = [node["properties"][key] for node in objects if key in node["properties"]]
        # Defaults are written out, so that a field with one is always there.
        always = all(
            key in node["properties"]
            and (key in node.get("required", []) or "default" in node["properties"][key])
            for node in objects
        )
        if not nodes:
            found.append(f"{path}.{key} is not in the schema")
        elif always == (field.default is not dataclasses.MISSING):
            found.append(f"{path}.{key}: required is {always}, default here is {field.default}")
        else:
            found += disagreements(hints[field.name], nodes, f"{path}.{key}")
    for node in objects:
        for key, value in node["properties"].items():
            chosen = any(values(choice) for choice in alternatives(value))
            if chosen and key not in fields and f"{path}.{key}" not in READ_ELSEWHERE:
                found.append(f"{path}.{key} is a choice that {expected.__name__} does not read")
    return found


def evaluation() -> Node:
    node: Node = SCHEMA["properties"]["recipe"]["properties"]["evaluation"]["properties"]
    return node


def test_every_choice_default_and_kind_of_the_schema_is_the_trainers_own() -> None:
    assert disagreements(JobSpec, [SCHEMA], "spec") == []


def test_the_specification_of_an_evaluation_is_read_as_its_schema_says() -> None:
    """Its model is always a pretrained one; the dataclass also reads others."""
    found = disagreements(EvaluationSpec, [schema("evaluation-spec")], "spec")
    assert [line for line in found if not line.startswith("spec.recipe.model.")] == []


@pytest.mark.parametrize(
    ("kind", "key"), [(Benchmark, "benchmarks"), (Control, "controls"), (EngineChoice, "engine")]
)
def test_every_choice_of_evaluation_is_the_trainers_own(kind: Any, key: str) -> None:
    found = disagreements(kind, [evaluation()[key].get("items", evaluation()[key])], key)
    assert [line for line in found if not line.startswith("benchmarks.source")] == []


@pytest.mark.parametrize(
    ("place", "change"),
    [
        (("recipe", "dataset", "overLength"), {"enum": ["refuse", "drop", "truncate", "wrap"]}),
        (("recipe", "training", "compute"), {"enum": ["bf16"]}),
        (("recipe", "training", "epochs"), {"type": "number"}),
        (("recipe", "training", "schedule", "kind"), {"const": "linear"}),
        (("device",), {"type": "string", "enum": ["cpu", "cuda", "rocm"]}),
        (("run",), {"anyOf": [{"type": "string"}, {"type": "null"}]}),
    ],
)
def test_a_schema_that_says_something_else_is_noticed(place: tuple[str, ...], change: Node) -> None:
    changed = json.loads(json.dumps(SCHEMA))
    node = changed
    for key in place:
        node = node["properties"][key]
    if "anyOf" in change:
        node.clear()
    node.update(change)
    assert disagreements(JobSpec, [changed], "spec") != []
