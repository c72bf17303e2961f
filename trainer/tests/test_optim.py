import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from trainer.failure import StageError
from trainer.family import FAMILIES, ModelType
from trainer.sft import optim
from trainer.sft.checkpoint_state import Trained, start_moments
from trainer.sft.model import CausalLM
from trainer.spec import Architecture, Optimizer

SETTINGS = Optimizer("adamw", 1e-3, 0.9, 0.95, 1e-8, 1e-4, 1.0)


@pytest.mark.parametrize(("steps", "warmup"), [(315, 16), (10, 0), (7, 3), (1, 1)])
def test_schedule_equals_that_of_transformers(steps: int, warmup: int) -> None:
    from transformers import get_cosine_schedule_with_warmup

    optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=1e-5)
    scheduler = get_cosine_schedule_with_warmup(optimizer, warmup, steps)
    for step in range(1, steps + 1):
        found = optim.learning_rate(step, peak=1e-5, steps=steps, warmup=warmup)
        assert math.isclose(found, scheduler.get_last_lr()[0], rel_tol=1e-12, abs_tol=1e-20), step
        optimizer.step()
        scheduler.step()


def test_the_first_update_of_s1_has_rate_0_the_17th_the_peak_and_the_last_almost_none() -> None:
    rates = [optim.learning_rate(step, peak=1.0, steps=315, warmup=16) for step in (1, 17, 315)]
    assert rates[0] == 0.0 and rates[1] == 1.0
    assert math.isclose(rates[2], 2.76e-5, rel_tol=1e-3)


@given(scale=st.floats(1e-3, 1e3))
def test_clipping_equals_that_of_torch(scale: float) -> None:
    parameters = [nn.Parameter(torch.zeros(3, 4)), nn.Parameter(torch.zeros(5))]
    generator = torch.Generator().manual_seed(0)
    for parameter in parameters:
        parameter.grad = torch.randn(parameter.shape, generator=generator) * scale
    mine = [parameter.grad.clone() for parameter in parameters if parameter.grad is not None]
    norm = float(torch.nn.utils.get_total_norm(mine))
    optim.clip(mine, norm=norm, limit=1.0)
    torch.nn.utils.clip_grad_norm_(parameters, 1.0)
    for found, parameter in zip(mine, parameters, strict=True):
        torch.testing.assert_close(found, parameter.grad)


@pytest.mark.parametrize("model_type", FAMILIES)
def test_biases_and_norms_do_not_decay(model_type: ModelType) -> None:
    model = CausalLM(Architecture(1, 8, 2, 1, 4, 8, False, 1e4, 1e-6, 64, model_type=model_type), 11)
    optimizer = optim.adamw(model, SETTINGS)
    spared = {id(parameter) for parameter in optimizer.param_groups[1]["params"]}
    for name, parameter in model.named_parameters():
        assert (id(parameter) in spared) == (parameter.ndim == 1), name
    assert [group["weight_decay"] for group in optimizer.param_groups] == [1e-4, 0.0]


@pytest.mark.parametrize(("loss", "norm"), [(math.nan, 1.0), (1.0, math.inf), (-math.inf, 1.0)])
def test_no_update_follows_a_loss_or_norm_that_is_not_finite(loss: float, norm: float) -> None:
    with pytest.raises(StageError, match="Step 7") as caught:
        optim.require_finite(loss=loss, norm=norm, step=7)
    assert (caught.value.exit_class, caught.value.step) == ("numerics", 6)
    optim.require_finite(loss=1.0, norm=1.0, step=7)


def steps_of_both(rates: list[float]) -> tuple[CausalLM, CausalLM]:
    """A model trained by `update`, and one by AdamW's own step, on the same gradients."""
    models = []
    for own in (True, False):
        torch.manual_seed(0)
        model = CausalLM(Architecture(1, 8, 2, 1, 4, 8, False, 1e4, 1e-6, 64), 11)
        optimizer = optim.adamw(model, SETTINGS)
        start_moments(Trained(model, optimizer), 0)
        for rate in rates:
            for parameter in model.parameters():
                parameter.grad = torch.randn_like(parameter)
            if own:
                optim.update(optimizer, rate=rate)
            else:
                for group in optimizer.param_groups:
                    group["lr"] = rate
                optimizer.step()
        models.append(model)
    return models[0], models[1]


@given(rates=st.lists(st.floats(0, 1), min_size=1, max_size=4))
def test_an_update_equals_that_of_adamw_to_the_bit(rates: list[float]) -> None:
    ours, theirs = steps_of_both(rates)
    for (name, found), expected in zip(ours.named_parameters(), theirs.parameters(), strict=True):
        assert torch.equal(found, expected), name
        assert found.grad is None


def test_the_first_update_whose_rate_is_0_leaves_the_weights_equal_to_the_bit() -> None:
    torch.manual_seed(0)
    start = CausalLM(Architecture(1, 8, 2, 1, 4, 8, False, 1e4, 1e-6, 64), 11)
    trained, _ = steps_of_both([optim.learning_rate(1, peak=1e-5, steps=315, warmup=16)])
    assert all(map(torch.equal, start.parameters(), trained.parameters()))
