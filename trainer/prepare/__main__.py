"""The prepare stage of a run of either kind (CPU): before devices are held. Loads no torch.

python -m trainer.prepare
"""

from trainer.evaluate.prepare import prepare as prepare_evaluation
from trainer.load_job import load_any_job
from trainer.sft.prepare import prepare as prepare_training
from trainer.spec import EvaluationJob, Job
from trainer.stage import Outcome, run_loaded


def prepare(job: Job | EvaluationJob) -> Outcome:
    """Fills and publishes `data/`. Raises StageError as the stage of the job's kind."""
    return prepare_evaluation(job) if isinstance(job, EvaluationJob) else prepare_training(job)


if __name__ == "__main__":
    run_loaded(lambda: prepare(load_any_job()))
