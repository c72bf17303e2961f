"""A judge that a real server serves: vLLM, in the slow lane (`npm test -- --slow --only judged`).

STINT_TEST_VLLM is the Python of an environment that has vLLM (ops/vllm), STINT_TEST_JUDGE the folder of an
instruction-tuned model. One of 135M parameters answers in whole sentences, and cannot judge.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from trainer.evaluate.judge import Judge
from trainer.evaluate.settings import JudgeChoice
from trainer.evaluate.vllm_server import NAME, vllm_server
from trainer.failure import StageError

pytestmark = pytest.mark.skipif("STINT_TEST_JUDGE" not in os.environ, reason="the slow lane has vLLM")


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("STINT_VLLM_PYTHON", os.environ["STINT_TEST_VLLM"])
        log = tmp_path_factory.mktemp("judge") / "vllm.log"
        options = ["--dtype", "float32", "--max-model-len", "2048", "--max-num-seqs", "4", "--enforce-eager"]
        with vllm_server(Path(os.environ["STINT_TEST_JUDGE"]), log=log, options=options) as serving:
            yield serving.url


def test_it_is_heard_as_the_protocol_says(url: str) -> None:
    told: list[str] = []
    with Judge(JudgeChoice(url, NAME), tell=told.append) as judge:
        first, again = (judge.hear("What is 5 * 5?", "25", "It is 25.", 1) for _ in range(2))
    assert first == again and told == []
    assert first.said and first.model == NAME
    assert first.prompt_tokens is not None and first.prompt_tokens > 100
    assert first.completion_tokens is not None and first.completion_tokens > 0


def test_a_model_that_cannot_judge_is_refused_with_what_it_said(url: str) -> None:
    refused = pytest.raises(StageError, match=r"gave no verdict: .*evaluation\.judge\.model")
    with Judge(JudgeChoice(url, None), tell=pytest.fail) as judge, refused as found:
        judge.require_ready()
    assert found.value.exit_class == "configuration"
