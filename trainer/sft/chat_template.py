"""A chat template that asks the exported model as it was trained: the same text before the assistant's turn.

The source's own template stays where it gives that text, because it may know more (tools). Where a system
prompt was trained that it does not put in by itself, it is given that default; where it cannot give the
trained text at all, ChatML takes its place. Loads no torch.
"""

import json
import re

import jinja2
import jinja2.ext
from jinja2.sandbox import ImmutableSandboxedEnvironment

from trainer.generate.tokenizer import CHAT_TEMPLATE
from trainer.sft.template import Record, render

PROBE = "What is 1 + 1?\nSay it."
# transformers' own tags for training on parts of a turn; they render nothing.
GENERATION = re.compile(r"\{%-?\s*(?:end)?generation\s*-?%\}")


def exported_template(source: str | None, system_prompt: str | None) -> str:
    """The template to export: rendered by transformers, a lone question gives the prompt of training."""
    trained = render(Record(id="", question=PROBE, trace="", answer=""), system_prompt)[0]
    for template in (source, source and _with_default(source, system_prompt)):
        if template and rendered(template, PROBE) == trained:
            return template
    return _with_default(CHAT_TEMPLATE, system_prompt)


def rendered(template: str, question: str) -> str | None:
    """As `apply_chat_template` of transformers renders one question; None for a template that fails."""
    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[jinja2.ext.loopcontrols]
    )
    messages = [{"role": "user", "content": question}]
    try:
        return environment.from_string(GENERATION.sub("", template)).render(
            messages=messages, add_generation_prompt=True, bos_token="", eos_token="<|im_end|>"
        )
    except (jinja2.TemplateError, TypeError, ValueError, ArithmeticError):
        return None


def _with_default(template: str, system_prompt: str | None) -> str:
    if system_prompt is None:
        return template
    # Jinja reads JSON's escapes; what is beyond ASCII stays as it is, because it reads no surrogate pairs.
    text = json.dumps(system_prompt, ensure_ascii=False)
    return (
        "{%- if not messages or messages[0]['role'] != 'system' %}"
        f"{{%- set messages = [{{'role': 'system', 'content': {text}}}] + messages %}}"
        "{%- endif %}" + template
    )
