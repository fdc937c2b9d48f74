"""``python -m models.training fit DATASET.toml``: from a till's export to a tested model.

Training needs more than the service installs; asked for without it, it says the one line that
helps instead of a traceback.
"""

import importlib.util
import sys

NEEDED = ("matplotlib", "onnx", "polars", "scipy")


def run() -> None:
    """Run the command line, or say what is missing."""
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        sys.exit(
            f"training needs {', '.join(missing)}, which the service does without; run\n"
            "  make .venv-dev/.ready && .venv-dev/bin/python -m models.training --help"
        )
    from models.training.commands import main  # noqa: PLC0415 - only where training is installed

    main(prog_name="python -m models.training")


if __name__ == "__main__":
    run()
