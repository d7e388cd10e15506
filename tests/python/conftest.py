"""What the tests share: the models, and the program whose JSON is the same."""

import json
import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def models():
    return ROOT / "models"


@pytest.fixture(scope="session")
def program():
    """Runs the program with `--json` and reads what it prints; `EXTENTPLAN` names another one."""
    named = os.environ.get("EXTENTPLAN")
    built = [ROOT / "target" / profile / "extentplan" for profile in ("release", "debug")]
    there = sorted((path for path in built if path.exists()), key=lambda path: -path.stat().st_mtime)
    found = [named] if named else [str(path) for path in there]
    if not found:
        pytest.skip("no program to compare with; `cargo build` makes one")

    def run(*words):
        told = subprocess.run([found[0], *map(str, words)], capture_output=True, text=True, check=False)
        return json.loads(told.stdout)

    return run


def timeless(answer):
    """An answer without how long it took."""
    if isinstance(answer, dict):
        return {key: timeless(value) for key, value in answer.items() if key != "seconds"}
    if isinstance(answer, list):
        return [timeless(value) for value in answer]
    return answer
