"""The package itself: stubs that fit the native module, documentation everywhere, doctests that run."""

import doctest
import inspect
import os
import re
import subprocess
import sys

import ardea
from ardea import _ardea
from conftest import ROOT


def test_the_stubs_fit_the_module():
    environment = {**os.environ, "MYPYPATH": str(ROOT / "python")}
    outcome = subprocess.run([sys.executable, "-m", "mypy.stubtest", "ardea"], capture_output=True, text=True,
                             env=environment, cwd=ROOT / "python")
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr


def test_the_package_is_typed():
    outcome = subprocess.run([sys.executable, "-m", "mypy", "--strict", "ardea"], capture_output=True, text=True,
                             cwd=ROOT / "python")
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr


def test_everything_public_is_documented():
    missing = []
    for name in ardea.__all__:
        thing = getattr(ardea, name)
        if name == "__version__":
            continue
        if not inspect.getdoc(thing):
            missing.append(name)
        if inspect.isclass(thing):
            members = [m for m in vars(thing) if not m.startswith("_")]
            missing += [f"{name}.{m}" for m in members if not inspect.getdoc(getattr(thing, m))]
    undocumented_by_nature = {"QasmError.line", "QasmError.column", "Counts.seed", "Counts.memory"}
    assert not set(missing) - undocumented_by_nature, missing


def test_every_native_class_is_public():
    wrapped = {"run", "run_noisy", "prepare_execution", "NativeExperiment"}  # by functions of the package
    assert not set(_ardea.__all__) - set(ardea.__all__) - wrapped


def test_the_example_in_the_docstring_runs():
    assert doctest.testmod(ardea).failed == 0


def test_the_examples_run():
    for example in sorted((ROOT / "examples").glob("*.py")):
        outcome = subprocess.run([sys.executable, str(example)], capture_output=True, text=True, timeout=120)
        assert outcome.returncode == 0, f"{example.name}: {outcome.stderr}"
        assert outcome.stdout.strip(), example.name


def test_the_readme_runs(monkeypatch, tmp_path):
    # It reads the examples and writes files of its own.
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert blocks
    for block in blocks:
        exec(compile(block, "README.md", "exec"), {})


def test_qiskit_is_imported_only_when_asked_for():
    code = "import sys, ardea; ardea.compile(ardea.Circuit(1).h(0), 'line:2'); sys.exit('qiskit' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
