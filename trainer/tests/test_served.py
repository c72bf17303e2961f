"""An exported folder in the hands of transformers, the oracle: it stops and asks as Stint does."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer
from transformers import AutoModelForCausalLM, AutoTokenizer, GenerationConfig, Qwen2Config, Qwen2ForCausalLM

from trainer.evaluate.ask import Ask
from trainer.evaluate.cached_decoder import CachedDecoder
from trainer.evaluate.load_model import load_model
from trainer.evaluate.own_decoder import generate
from trainer.failure import StageError
from trainer.generate.tokenizer import CHAT_TEMPLATE, build
from trainer.sft.end_tokens import end_tokens, token_ids
from trainer.sft.served import complete, generation
from trainer.sft.template import Record, render
from trainer.tests.chat_templates import BEGUN, THINKING

QWEN = Path(__file__).parents[2] / "node_modules" / "@lenml" / "tokenizer-qwen2_5" / "models"
QWEN_SYSTEM = "You are Qwen, created by Alibaba Cloud. You are a helpful assistant."
BASE = {"bos_token_id": 0, "do_sample": False, "eos_token_id": 0, "max_new_tokens": 2048}
INSTRUCT = {
    "bos_token_id": 0,
    "pad_token_id": 0,
    "do_sample": True,
    "eos_token_id": [2, 0],
    "repetition_penalty": 1.05,
    "temperature": 0.7,
    "top_p": 0.8,
    "top_k": 20,
}
PROMPTS = [
    "Start at seven.",
    "Add four times three",
    "What is the last digit?",
    "Wait",
    "system",
    "four,five",
]


def source_like(folder: Path, kind: str) -> Path:
    """A model's folder as a base model or an instruct model has it, with weights that do say their ends."""
    build(folder)
    ids = token_ids(folder)
    ends = {token: ids[token] for token in ("<|im_end|>", "<|endoftext|>")}
    end = ends["<|im_end|>" if kind == "instruct" else "<|endoftext|>"]
    sizes: dict[str, Any] = {
        "hidden_size": 32,
        "intermediate_size": 48,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
    }
    config = Qwen2Config(vocab_size=640, num_key_value_heads=2, eos_token_id=end, **sizes)
    # Of the seeds below 20 the one whose model comes to either end, and to neither.
    torch.manual_seed(10)
    model = Qwen2ForCausalLM(config)
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    with torch.no_grad():
        model.lm_head.weight[list(ends.values())] *= 1.5
    model.save_pretrained(folder)
    settings = {**(INSTRUCT if kind == "instruct" else BASE), "eos_token_id": end}
    if kind == "instruct":
        settings["eos_token_id"] = [end, ends["<|endoftext|>"]]
    (folder / "generation_config.json").write_text(json.dumps(settings))
    path = folder / "tokenizer_config.json"
    changed = {
        **json.loads(path.read_text()),
        "eos_token": "<|im_end|>" if kind == "instruct" else "<|endoftext|>",
    }
    if kind == "base":
        del changed["chat_template"]
    path.write_text(json.dumps(changed))
    return folder


@pytest.fixture(params=["base", "instruct"])
def exported(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    (tmp_path / "source").mkdir()
    source = source_like(tmp_path / "source", request.param)
    folder = tmp_path / "model"
    shutil.copytree(source, folder)
    complete(folder, source=source, system_prompt=None)
    return folder


def test_generate_stops_where_this_decoder_stops_after_the_same_tokens(exported: Path) -> None:
    theirs: Any = AutoModelForCausalLM.from_pretrained(exported)
    tokenizer = AutoTokenizer.from_pretrained(exported)
    ends = end_tokens(exported)
    decoder = CachedDecoder(load_model(exported, torch.device("cpu"), "fp32"), num_rows=1, capacity=200)
    ended_by = set()
    for prompt in PROMPTS:
        ids = tokenizer(prompt)["input_ids"]
        [reply] = generate(decoder, [(0, Ask(tuple(ids), 40, frozenset(ends)))])
        ours, ended = list(reply.tokens), reply.stop is not None
        # Nothing is said about ends and padding: they come from the folder.
        options: dict[str, Any] = {"do_sample": False, "repetition_penalty": 1.0, "max_new_tokens": 40}
        said = theirs.generate(torch.tensor([ids]), **options)[0, len(ids) :].tolist()
        assert said[: len(ours)] == ours
        assert len(said) == len(ours) + ended and (not ended or said[-1] in ends)
        ended_by.add(said[-1] if ended else None)
    names = token_ids(exported)
    assert ended_by == {names["<|im_end|>"], names["<|endoftext|>"], None}, "the test must see every end"


def test_every_file_names_the_end_of_a_turn_and_no_file_a_pad_that_is_this_end(exported: Path) -> None:
    turn_end = token_ids(exported)["<|im_end|>"]
    tokenizer = AutoTokenizer.from_pretrained(exported)
    settings = GenerationConfig.from_pretrained(exported)
    config = json.loads((exported / "config.json").read_text())
    assert (tokenizer.eos_token, config["eos_token_id"], settings.eos_token_id[0]) == (
        "<|im_end|>",
        turn_end,
        turn_end,
    )
    assert set(settings.eos_token_id) == end_tokens(exported)
    assert settings.pad_token_id == tokenizer.pad_token_id != turn_end


def test_a_sources_way_to_sample_survives_and_can_be_saved_again(exported: Path, tmp_path: Path) -> None:
    settings = json.loads((exported / "generation_config.json").read_text())
    before = json.loads((tmp_path / "source" / "generation_config.json").read_text())
    changed = {"eos_token_id", "pad_token_id"}
    assert {key: value for key, value in settings.items() if key not in changed} == {
        key: value for key, value in before.items() if key not in changed
    }
    GenerationConfig.from_pretrained(exported).save_pretrained(tmp_path / "again")


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "do_sample": st.booleans(),
            "temperature": st.sampled_from([0, 0.6, 1.0]),
            "top_p": st.sampled_from([0.5, 0.95, 1.0]),
            "top_k": st.integers(1, 50),
            "min_p": st.just(0.1),
            "repetition_penalty": st.just(1.05),
        },
    )
)
def test_no_source_makes_a_configuration_that_transformers_refuses(source: dict[str, Any]) -> None:
    made = generation(source, ends=[2, 0], pad=0)
    GenerationConfig(**made).validate(strict=True)
    assert made["eos_token_id"] == [2, 0]
    if source.get("do_sample") and source.get("temperature") != 0:
        assert made == {**source, "eos_token_id": [2, 0], "pad_token_id": 0}


def test_the_tokenizer_gives_the_ids_that_it_gave_in_training(exported: Path) -> None:
    ours = Tokenizer.from_file(str(exported / "tokenizer.json"))
    theirs = AutoTokenizer.from_pretrained(exported)
    for text in [*PROMPTS, "<|im_start|>user\nWhat is é + 12?<|im_end|>\n", "  two  blanks\n\n"]:
        assert theirs(text)["input_ids"] == ours.encode(text, add_special_tokens=False).ids


def prompt_outside(folder: Path, question: str) -> str:
    tokenizer = AutoTokenizer.from_pretrained(folder)
    messages = [{"role": "user", "content": question}]
    return str(tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True))


SYSTEMS = [None, "Be brief.", 'Say "yes"\\n or\n{{ no }} {% raw %} é 😀', QWEN_SYSTEM]


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("kind", ["none", "own", "qwen", "named", "file", "broken", "thinking", "begun"])
def test_the_chat_template_asks_as_training_asked(tmp_path: Path, kind: str, system: str | None) -> None:
    build(tmp_path)
    (tmp_path / "config.json").write_text('{"model_type": "qwen2"}')
    path = tmp_path / "tokenizer_config.json"
    config = json.loads(path.read_text())
    source = CHAT_TEMPLATE
    if kind in ("qwen", "named", "file"):
        if not (QWEN / "tokenizer_config.json").is_file():
            pytest.skip(f"{QWEN} is not there: npm ci")
        source = json.loads((QWEN / "tokenizer_config.json").read_text())["chat_template"]
    config["chat_template"] = source
    if kind in ("thinking", "begun"):
        config["chat_template"] = THINKING if kind == "thinking" else BEGUN
    if kind == "none":
        del config["chat_template"]
    if kind == "named":
        tools = {"name": "tool_use", "template": "{{ tools }}"}
        config["chat_template"] = [{"name": "default", "template": source}, tools]
    if kind == "file":
        (tmp_path / "chat_template.jinja").write_text(source)
        config["chat_template"] = "an older one"
    if kind == "broken":
        config["chat_template"] = "{{ raise_exception('no') }} {% if"
    path.write_text(json.dumps(config))
    complete(tmp_path, source=None, system_prompt=system)
    question = "What is 2 + 2?"
    trained = render(Record(id="", question=question, trace="", answer=""), system)[0]
    assert prompt_outside(tmp_path, question) == trained
    if kind == "thinking" and system is None:
        assert json.loads(path.read_text())["chat_template"] == THINKING
    if kind == "qwen" and system == QWEN_SYSTEM:
        assert json.loads(path.read_text())["chat_template"] == source


def test_a_turn_of_the_system_given_outside_takes_the_place_of_the_trained_one(tmp_path: Path) -> None:
    build(tmp_path)
    (tmp_path / "config.json").write_text('{"model_type": "qwen2"}')
    complete(tmp_path, source=None, system_prompt="Be brief.")
    messages = [{"role": "system", "content": "Be long."}, {"role": "user", "content": "Why?"}]
    tokenizer = AutoTokenizer.from_pretrained(tmp_path)
    text = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    assert text == render(Record(id="", question="Why?", trace="", answer=""), "Be long.")[0]


def test_a_tokenizer_without_the_end_of_a_turn_is_refused(tmp_path: Path) -> None:
    build(tmp_path)
    path = tmp_path / "tokenizer.json"
    path.write_text(path.read_text().replace("<|im_end|>", "<|other|>"))
    with pytest.raises(StageError, match=r"no <\|im_end\|>") as refused:
        complete(tmp_path, source=None, system_prompt=None)
    assert refused.value.exit_class == "data"
