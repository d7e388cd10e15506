"""What is wrong with an argument is one kind of error, which names the argument, what was found and what was expected."""

import json
import math
import re

import pytest

import extentplan
from extentplan import ExtentplanError

TEN = ["lvcreate -l 10 -n a"]
HALF = "\udcff"


@pytest.fixture
def three(models):
    return extentplan.read(models / "lvm2" / "three-disks.vg")


@pytest.fixture
def problem(models):
    return json.loads((models / "easy" / "avoid-come-back.json").read_text())


def wrong(ask, *arguments, **named):
    """What is said of a wrong question, and the exception."""
    with pytest.raises(ExtentplanError) as caught:
        ask(*arguments, **named)
    assert not re.search(r"(^|\s)--(tag|domain|objective|config|budget|disk|request|drain|keep)\b", str(caught.value))
    return str(caught.value), caught.value


@pytest.mark.parametrize("seconds", [-1, math.nan, math.inf, -math.inf, 1e300, 10**400, True, "1", b"1", [1], 1j])
def test_a_time_limit_is_seconds(three, seconds):
    said, _ = wrong(extentplan.plan, three, TEN, time_limit=seconds)
    assert said.startswith("time_limit: found ") and "expected seconds from 0 to 10^12, or None" in said
    assert len(said) < 200


@pytest.mark.parametrize(
    ("argument", "values"),
    [
        ("threads", [0, 1025, -1, "2", 1.5, True]),
        ("node_limit", [-1, 2**64, "x"]),
        ("seed", [2**64, -1, 1.5]),
        ("objective", ["speed", [1], 3, HALF, b"segments"]),
        ("lvm2", ["1.0", 2.03, "", HALF]),
        ("config", ["nothing", [3], 3]),
        ("progress", [3, "x"]),
        ("requests", [None, [], 3, b"lvcreate", [3], [["lvcreate", 3]], [HALF], {"requests": HALF}]),
        ("vg", [None, 3, "three.vg", {}]),
    ],
)
def test_arguments_of_plan_are_named(three, argument, values):
    for value in values:
        given = {"vg": three, "requests": TEN, argument: value}
        said, error = wrong(extentplan.plan, **given)
        assert said.startswith(argument), (value, said)
        assert "found" in said or "expected" in said, said
        if not isinstance(value, (str, list, int, dict, type(None))):
            assert isinstance(error, TypeError), value


def test_numbers_of_other_libraries_are_numbers(three, problem):
    class Whole:
        def __index__(self):
            return 2

    class Exact:
        def __float__(self):
            return 5.0

    assert extentplan.plan(three, TEN, threads=Whole(), time_limit=Exact()).status == "best"
    problem["requests"][0]["extents"] = Whole()
    assert extentplan.solve(problem)["allocations"]
    numpy = pytest.importorskip("numpy")
    problem["requests"][0]["extents"] = numpy.int64(2)
    problem["sources"][0]["free"] = numpy.array([[0, 4]])
    assert extentplan.solve(problem)["allocations"]
    assert extentplan.plan(three, TEN, threads=numpy.uint8(2), time_limit=numpy.float32(5)).status == "best"


def test_names_that_are_none_stand_beside_their_argument(three):
    """Where it is the library that knows them, too."""
    asked = [
        (extentplan.audit, {"domains": ["nope"]}),
        (extentplan.survive, {"domains": "nope"}),
        (extentplan.survive, {"disks": "x"}),
        (extentplan.capacity, {"requests": TEN, "request": "nope"}),
        (extentplan.capacity, {"requests": TEN, "request": 3}),
        (extentplan.capacity, {"requests": TEN, "disks": "x"}),
        (extentplan.capacity, {"requests": TEN, "disks": 3}),
        (extentplan.capacity, {"requests": TEN, "tags": "a b"}),
        (extentplan.capacity, {"requests": TEN, "prefer": 3}),
        (extentplan.capacity, {"requests": TEN, "prefer": "x"}),
        (extentplan.capacity, {"requests": TEN, "count": 1.5}),
        (extentplan.rearrange, {"drain": "nope"}),
        (extentplan.rearrange, {"shrink": "nope=3"}),
        (extentplan.rearrange, {"defragment": "nope"}),
        (extentplan.rearrange, {"defragment": True, "budget": "x"}),
        (extentplan.rearrange, {"defragment": True, "budget": 1.5}),
        (extentplan.rearrange, {"balance": True, "keep": "nope"}),
        (extentplan.rearrange, {"balance": True, "rate": "x"}),
        (extentplan.rearrange, {"balance": True, "rate": 3}),
        (extentplan.rearrange, {"balance": True, "domains": "nope"}),
        (extentplan.capacity, {"requests": None}),
        (extentplan.capacity, {"requests": TEN, "request": ""}),
        (extentplan.rearrange, {"to": 3}),
        (extentplan.rearrange, {"to": {}}),
        (extentplan.rearrange, {"room": 3}),
    ]
    for ask, named in asked:
        said, _ = wrong(ask, three, **named)
        argument, value = list(named.items())[-1]
        assert argument in said, (named, said)
        if isinstance(value, (str, int, float)) and not isinstance(value, bool):
            assert str(value).split("=")[0] in said, (named, said)
    assert "drain, shrink, heal" in wrong(extentplan.rearrange, three)[0]


def test_a_source_is_a_path_a_text_or_bytes(models):
    for source in (None, 3, [], {"schema": 1}, math.nan, object):
        said, error = wrong(extentplan.read, source)
        assert said.startswith("source: found ") and isinstance(error, TypeError)
    for source in ("[1]", '{"a": 1}', HALF + "\n", "a\0b"):
        wrong(extentplan.read, source)
    path = models / "lvm2" / "three-disks.vg"
    assert "vg: found 3" in wrong(extentplan.read, path, vg=3)[0]
    assert "nope" in wrong(extentplan.read, path, vg="nope")[0]
    assert "scenario: found 3" in wrong(extentplan.read, path, scenario=3)[0]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("all", "found"),
        ([[0, math.nan]], r"free\[0\]\[1\]: found nan"),
        ([[0, {1}]], r"free\[0\]\[1\]: found \{1\}"),
        ([[0, 2**70]], r"free\[0\]"),
        ([[0, 4, [HALF]]], r"free\[0\]\[2\]\[0\]: found"),
    ],
)
def test_a_dict_has_paths_and_no_lines(problem, value, words):
    problem["sources"][0]["free"] = value
    said, error = wrong(extentplan.solve, problem)
    assert "sources[0].free" in said and re.search(words, said) and said.startswith("problem: ")
    assert error.line is None and error.column is None and "line" not in said


def test_a_text_has_lines(problem):
    error = wrong(extentplan.solve, '{"schema": "extentplan/problem/1",\n"sources": [}')[1]
    assert (error.line, error.column) == (2, 13)
    assert wrong(extentplan.check, problem, '{\n"a":')[1].line == 2
    said, error = wrong(extentplan.check, problem, {"a": 1})
    assert said.startswith("plan: ") and error.line is None
    wrong(extentplan.check, {}, {})
    assert "expected at least one request" in wrong(extentplan.solve, dict(problem, requests=[]))[0]
    wrong(extentplan.check, problem, 3)
    wrong(extentplan.solve, {1: 2})
    problem["requests"].append(problem)
    assert "levels" in wrong(extentplan.solve, problem)[0]
