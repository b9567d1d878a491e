"""Shared by the Python tests: random circuits, and where the large inputs are."""

import os
import pathlib

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def shared():
    """The folder of large inputs that is no part of the repository."""
    folder = pathlib.Path(os.environ.get("ARDEA_SHARED", ROOT.parent / "shared"))
    if not (folder / "compilebench" / "check.py").is_file():
        message = f"needs the large inputs: set ARDEA_SHARED (looked in {folder})"
        if os.environ.get("ARDEA_REQUIRE_SHARED"):
            pytest.fail(message)
        pytest.skip(message)
    return folder
