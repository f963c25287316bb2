"""What other people install: a wheel with the one package, and the examples run from it with kafka-python alone."""

import os
import re
import shutil
import subprocess
import sys
import zipfile
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import pytest
from pool_side import UNIT, Pool

import wentichi
from schemas.cloudevent import parse, structured
from schemas.documents import UnitView
from schemas.identity import problem_id, report_id
from schemas.progress import ProgressAction, parse_progress
from schemas.words import AssignmentState, Channel, Part, ProblemState

pytestmark = pytest.mark.slow

ROOM = Path(wentichi.__file__).parent
PAGES = {"README": ROOM / "README.md", "docs": ROOM.parent / "docs" / "client.md"}
ADDRESS = 'Client("127.0.0.1:9092")'
PROBLEM = problem_id(3, "of the example")


def run(*command: str | Path) -> str:
    """Without the checkout on the path, in an environment that knows nothing of this one."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    done = subprocess.run(
        [str(part) for part in command],
        cwd="/",
        env=clean | {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-1000:] + done.stderr[-3000:]
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy: a build leaves folders behind."""
    folder = tmp_path_factory.mktemp("wheel")
    shutil.copytree(ROOM, folder / "room", ignore=shutil.ignore_patterns("__pycache__", "build", "*.egg-info"))
    run(sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", folder / "dist", folder / "room")
    (built,) = (folder / "dist").iterdir()
    return built


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of a new environment that holds the wheel and what it asks for."""
    home = tmp_path_factory.mktemp("venv")
    run(sys.executable, "-m", "venv", home)
    run(home / "bin" / "python", "-m", "pip", "install", "-q", wheel, f"kafka-python=={version('kafka-python')}")
    return home / "bin" / "python"


def examples(page: str) -> list[str]:
    """The page's Python: to send, to follow and answer."""
    return re.findall(r"^```python\n(.*?)^```", PAGES[page].read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


def connected(code: str, pool: Pool) -> str:
    assert code.count(ADDRESS) == 1
    return code.replace(ADDRESS, f'Client("{pool.address}", namespace="{pool.namespace}")')


def test_the_wheel_holds_the_package_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
        (metadata,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        said = archive.read(metadata).decode()
    assert names == {f"wentichi/{path.name}" for path in ROOM.glob("*.py")} | {"wentichi/py.typed"}
    assert re.findall(r"^Requires-Dist: (.*)$", said, re.MULTILINE) == ["kafka-python>=3.0"]
    assert PAGES["README"].read_text(encoding="utf-8").strip() in said


def test_the_environment_holds_the_client_and_kafka_python_alone(python: Path) -> None:
    listed = {line.partition("==")[0] for line in run(python, "-m", "pip", "freeze").splitlines()}
    assert {line.partition(" @")[0] for line in listed} == {"wentichi", "kafka-python"}
    where = run(python, "-c", "import wentichi; print(wentichi.__file__)")
    assert str(python.parent.parent) in where


@pytest.mark.parametrize("page", PAGES)
def test_the_example_to_send_is_ten_lines_and_its_report_arrives(page: str, python: Path, pool: Pool) -> None:
    code = examples(page)[0]
    assert len([line for line in code.splitlines() if line.strip()]) <= 10
    printed = run(python, "-c", connected(code, pool))
    (record,) = pool.read("intake.message")
    envelope, data = parse(structured(record.value, record.headers), Channel.MESSAGE)
    assert data.text
    assert printed.strip() == report_id(envelope.source, envelope.id)


@pytest.mark.parametrize("page", PAGES)
def test_the_example_to_follow_and_answer_is_ten_lines_and_its_answers_arrive(page: str, python: Path, pool: Pool) -> None:
    code = examples(page)[1]
    assert len([line for line in code.splitlines() if line.strip()]) <= 10
    view = UnitView(
        problem=PROBLEM,
        version=1,
        order_number="260501-003-4820193-6",
        unit=UNIT,
        part=Part.LEAD,
        assignment=AssignmentState.DISPATCHED,
        state=ProblemState.DISPATCHED,
        category_name="路灯不亮",
        dispatched=datetime(2026, 5, 6, tzinfo=UTC),
    )
    gone = problem_id(3, "gone")
    pool.put(f"dispatch.{UNIT}", PROBLEM, view.model_dump_json().encode())
    pool.put(f"dispatch.{UNIT}", gone, None)
    printed = run(python, "-c", connected(code, pool).replace("idle=10", "idle=2"))
    assert "260501-003-4820193-6" in printed
    assert gone in printed
    steps = [parse_progress(record.value) for record in pool.read(f"progress.{UNIT}")]
    assert [(step.problem, step.action) for step in steps] == [(PROBLEM, ProgressAction.SIGN), (PROBLEM, ProgressAction.REPLY)]
    assert run(python, "-c", connected(code, pool).replace("idle=10", "idle=2")) == "", "the group has worked everything"


def test_the_types_are_there_for_the_other_program(python: Path, tmp_path: Path) -> None:
    """mypy of this environment over a program that uses the installed client, right and wrong."""
    right = tmp_path / "right.py"
    right.write_text("\n\n".join(examples("README")), encoding="utf-8")
    wrong = tmp_path / "wrong.py"
    wrong.write_text('from wentichi import Client\n\nClient("a:1").send(channel="letter", source="s", id=1, data={})\n')
    check = [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--cache-dir", tmp_path / "cache"]
    check += ["--python-executable", python]
    assert "no issues found" in run(*check, right)
    with pytest.raises(AssertionError) as caught:
        run(*check, wrong)
    assert "Found 2 errors in 1 file" in str(caught.value)
