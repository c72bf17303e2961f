import pickle

from trainer.failure import StageError


def test_an_error_survives_its_way_to_another_rank() -> None:
    sent = StageError("storage", "the disk is full", step=7)
    came = pickle.loads(pickle.dumps(sent))
    assert (came.exit_class, came.message, came.step, str(came)) == (
        "storage",
        "the disk is full",
        7,
        str(sent),
    )
