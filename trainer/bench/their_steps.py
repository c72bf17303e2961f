"""Whole optimizer steps of TRL's SFTTrainer, or of transformers' Trainer, set up as s1's script set it up.

One sample a forward and backward pass, all of a step's samples accumulated to one update; attention by SDPA,
fp32 weights under bf16 autocast, fused AdamW, clipping at 1.
"""

import tempfile
from typing import Any

import torch
from torch import Tensor

from trainer.bench.clock import Repeats
from trainer.bench.our_steps import RATE
from trainer.bench.step_clock import StepClock, Steps
from trainer.family import FAMILIES
from trainer.sft.data import TokenStore
from trainer.sft.loss import IGNORED
from trainer.spec import Architecture


def trainer_name() -> str:
    """TRL's where it can be imported. Raises ImportError when transformers or accelerate is missing, too."""
    try:
        import datasets  # type: ignore[import-not-found]  # noqa: F401
        import trl  # type: ignore[import-not-found]
    except ImportError:
        import accelerate  # type: ignore[import-untyped]
        import transformers

        return f"transformers {transformers.__version__} Trainer, accelerate {accelerate.__version__}"
    return f"TRL {trl.__version__} SFTTrainer"


def take_their_steps(
    arch: Architecture,
    start: dict[str, Tensor],
    store: TokenStore,
    device: torch.device,
    repeats: Repeats,
    *,
    recompute: bool,
) -> Steps:
    """All samples of the store in every step, `recompute` by gradient checkpointing."""
    from transformers import PrinterCallback

    clock = StepClock(device, repeats)
    with tempfile.TemporaryDirectory() as folder:
        arguments = {
            "output_dir": folder,
            "per_device_train_batch_size": 1,
            "gradient_accumulation_steps": len(store.index),
            "max_steps": repeats.warmup + repeats.timed,
            "gradient_checkpointing": recompute,
            "gradient_checkpointing_kwargs": {"use_reentrant": False},
            "bf16": True,
            "use_cpu": device.type == "cpu",
            "optim": "adamw_torch_fused",
            "learning_rate": RATE,
            "lr_scheduler_type": "constant",
            "max_grad_norm": 1.0,
            "logging_steps": 1,
            "save_strategy": "no",
            "report_to": [],
            "disable_tqdm": True,
            "remove_unused_columns": False,
            "dataloader_pin_memory": False,
        }
        trainer = _trainer(their_model(arch, start, device), arguments, store)
        trainer.add_callback(_callback(clock))
        # Standard output is for the tables.
        trainer.remove_callback(PrinterCallback)
        trainer.train()
        first_loss = next(entry["loss"] for entry in trainer.state.log_history if "loss" in entry)
    return clock.read(first_loss=float(first_loss))


def their_model(arch: Architecture, start: dict[str, Tensor], device: torch.device) -> Any:
    """transformers' own model of this architecture, with these weights."""
    from transformers import AutoConfig, AutoModelForCausalLM

    config = AutoConfig.for_model(
        arch.model_type,
        vocab_size=arch.vocabulary_size or 0,
        hidden_size=arch.hidden_size,
        intermediate_size=arch.feed_forward_size,
        num_hidden_layers=arch.layers,
        num_attention_heads=arch.query_heads,
        num_key_value_heads=arch.key_value_heads,
        head_dim=arch.head_size,
        max_position_embeddings=arch.max_positions,
        rms_norm_eps=arch.rms_norm_epsilon,
        rope_parameters={"rope_type": "default", "rope_theta": arch.rope_theta},
        tie_word_embeddings=arch.tied_embeddings,
        use_cache=False,
        **FAMILIES[arch.model_type].settings,
    )
    # As a field and not an argument: transformers takes it either way, its annotations only so.
    config._attn_implementation = "sdpa"
    with device:
        model = AutoModelForCausalLM.from_config(config)
    missing, unexpected = model.load_state_dict(start, strict=False)
    assert not unexpected and set(missing) <= {"lm_head.weight"}, (missing, unexpected)
    model.tie_weights()
    return model


def _trainer(model: Any, arguments: dict[str, Any], store: TokenStore) -> Any:
    samples = [_sample(store, index) for index in range(len(store.index))]
    try:
        from datasets import Dataset
        from pyarrow import Table
        from trl import SFTConfig, SFTTrainer
    except ImportError:
        from transformers import Trainer, TrainingArguments

        return Trainer(
            model, TrainingArguments(**arguments), data_collator=_collate, train_dataset=_Samples(samples)
        )
    config = SFTConfig(**arguments, max_length=None, dataset_kwargs={"skip_prepare_dataset": True})
    # The samples are tokens already, but it will not start without a tokenizer.
    return SFTTrainer(
        model,
        config,
        data_collator=_collate,
        # A fingerprint of its own: making one pickles the table, which not all releases of its parts can.
        train_dataset=Dataset(Table.from_pylist(samples), fingerprint="bench"),
        processing_class=_tokenizer(),
    )


def _sample(store: TokenStore, index: int) -> dict[str, list[int]]:
    """Their labels are the ids themselves: the model shifts them."""
    ids, num_prompt = store.tokens(index).tolist(), store.num_prompt(index)
    return {"input_ids": ids, "labels": [IGNORED] * num_prompt + ids[num_prompt:]}


def _collate(samples: list[dict[str, list[int]]]) -> dict[str, Tensor]:
    """A batch of one sample, so without padding."""
    [sample] = samples
    batch = {name: torch.tensor([sample[name]]) for name in ("input_ids", "labels")}
    return {**batch, "attention_mask": torch.ones_like(batch["input_ids"])}


class _Samples(torch.utils.data.Dataset[dict[str, list[int]]]):
    def __init__(self, samples: list[dict[str, list[int]]]) -> None:
        self._samples = samples

    def __len__(self) -> int:
        return len(self._samples)

    def __getitem__(self, index: int) -> dict[str, list[int]]:
        return self._samples[index]


def _tokenizer() -> Any:
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(WordLevel({"<end>": 0}, unk_token="<end>"))
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="<end>", pad_token="<end>")


def _callback(clock: StepClock) -> Any:
    from transformers import TrainerCallback

    class Laps(TrainerCallback):
        def on_step_begin(self, *_arguments: Any, **_more: Any) -> None:
            clock.begin()

        def on_step_end(self, *_arguments: Any, **_more: Any) -> None:
            clock.end()

    return Laps()
