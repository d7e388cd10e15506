"""Questions have the answers of the program, and what is wrong with them is an exception."""

import inspect
import json
import math

import pytest
from conftest import timeless

import extentplan
from extentplan import ExtentplanError

THREE = "three-disks.vg"


@pytest.fixture
def three(models):
    return extentplan.read(models / "lvm2" / THREE)


def test_a_plan_is_proven_and_has_commands(three):
    plan = extentplan.plan(three, ["lvcreate -i 2 -l 240 -n data"])
    assert plan.status == "best"
    assert plan.cost == plan.bound == {"segments": 3, "sources": 3}
    assert plan.proof["sources"]["kind"] == "counting"
    assert plan.commands[0].startswith("lvcreate -i 2 -l 80 -n data vg0 /dev/")
    assert sum(row["extents"] for row in plan.legs) == 240
    assert plan.verdict.startswith("best: ") and plan.verdict in " ".join(str(plan).split())
    assert plan.lvm2["refusal"] and plan.unplanned is None and plan.no_commands is None
    assert plan.script().startswith("#!")


def test_no_is_an_answer(three):
    plan = extentplan.plan(three, [["lvcreate", "-l", "241", "-n", "data"]])
    assert plan.status == "impossible" and plan.commands == [] and plan.legs == []
    assert "241" in plan.why and plan.proof["kind"] == "cut"


@pytest.mark.parametrize(
    "requests",
    [
        ["lvcreate -i 2 -l 240 -n data"],
        ["lvcreate -l 10 -n a", "lvcreate --type raid1 -m 1 -l 20 -n b"],
        ["lvcreate -l 10 -n a", "lvconvert --type raid1 -m 1 vg0/a"],
    ],
)
def test_plans_are_those_of_the_program(program, models, three, requests):
    words = [word for request in requests for word in ["--", *request.split()]]
    theirs = program("plan", models / "lvm2" / THREE, "--json", *words)
    ours = extentplan.plan(three, requests)
    assert timeless(ours.to_dict()) == timeless(theirs)
    assert json.loads(json.dumps(ours.to_dict())) == ours.to_dict()


def test_other_answers_are_those_of_the_program(program, models, three):
    path = models / "lvm2" / THREE
    ours = extentplan.capacity(three, ["lvcreate -i 2 -n data"])
    theirs = program("capacity", path, "--json", "--", "lvcreate", "-i", "2", "-n", "data")
    assert timeless(ours.to_dict()) == timeless(theirs)
    assert ours["largest"]["extents"] == 240 and "largest data" in str(ours)
    ours = extentplan.capacity(three, ["lvcreate -l 300 -n data"], disks="100")
    theirs = program("capacity", path, "--json", "--disk", "100", "--", "lvcreate", "-l", "300", "-n", "data")
    assert timeless(ours.to_dict()) == timeless(theirs)
    shared = models / "lvm2" / "raid1-shared-disk.vg"
    group = extentplan.read(shared)
    ours = extentplan.audit(group)
    assert timeless(ours.to_dict()) == timeless(program("audit", shared, "--json"))
    assert ours.is_unsafe and ours.findings and "unsafe" in str(ours)
    ours = extentplan.survive(group)
    assert timeless(ours.to_dict()) == timeless(program("capacity", shared, "--survive", "1", "--json"))
    assert ours.is_survived is False
    ours = extentplan.rearrange(group, heal=True)
    assert timeless(ours.to_dict()) == timeless(program("rearrange", shared, "--heal", "--json"))
    assert ours.status == "impossible" and ours.why and ours.moves == [] and ours.script() is None
    path = models / "lvm2" / "segments.vg"
    ours = extentplan.rearrange(extentplan.read(path), drain="/dev/sda")
    assert timeless(ours.to_dict()) == timeless(program("rearrange", path, "--drain", "/dev/sda", "--json"))
    assert ours._repr_svg_().startswith("<svg") and ours.cost == {"copied": 32, "moves": 3}
    assert sum(row["extents"] for row in ours.moves) == 32
    assert ours.moves and ours.commands[0].startswith("pvmove") and ours.script().startswith("#!")


def test_a_problem_is_solved_and_its_plan_checked(program, models):
    path = models / "easy" / "avoid-come-back.json"
    problem = json.loads(path.read_text())
    plan = extentplan.solve(problem)
    assert timeless(plan.to_dict()) == timeless(program("plan", path, "--json"))
    verdict = extentplan.check(problem, plan)
    assert verdict and verdict.faults == [] and verdict.words.startswith("right")
    spoiled = dict(plan.to_dict(), cost={key: 0 for key in plan.cost})
    verdict = extentplan.check(problem, spoiled)
    assert not verdict and verdict.faults


def test_the_answer_does_not_depend_on_threads(three):
    answers = [
        timeless(extentplan.plan(three, ["lvcreate -i 2 -l 200 -n d"], threads=count).to_dict())
        for count in (None, 1, 2, 8)
    ]
    assert all(answer == answers[0] for answer in answers)


def test_wrong_requests_have_their_position(three):
    for wrong in ("lvcreate -l ten -n b", "lvcreate -n 'b", "", "rm -rf /", "lvcreate -l 1 -n a"):
        with pytest.raises(ExtentplanError) as caught:
            extentplan.plan(three, ["lvcreate -l 10 -n a", wrong])
        assert caught.value.position == 1, wrong


@pytest.mark.parametrize("seconds", [-1, math.nan, math.inf, -math.inf, 1e300])
def test_limits_that_are_none_are_value_errors(three, seconds):
    with pytest.raises(ValueError, match="time_limit"):
        extentplan.plan(three, ["lvcreate -l 10 -n a"], time_limit=seconds)


@pytest.mark.parametrize(
    "wrong",
    [
        {"threads": 0},
        {"threads": 1025},
        {"threads": -1},
        {"node_limit": -1},
        {"seed": 2**64},
        {"objective": ["speed"]},
        {"lvm2": "1.0"},
        {"config": ["nothing"]},
    ],
)
def test_arguments_out_of_range_are_value_errors(three, wrong):
    with pytest.raises(ExtentplanError) as caught:
        extentplan.plan(three, ["lvcreate -l 10 -n a"], **wrong)
    assert next(iter(wrong)) in str(caught.value)


def test_arguments_of_another_type_are_type_errors(three):
    for wrong in ({"threads": "2"}, {"threads": 1.5}, {"objective": [1]}, {"time_limit": "1"}):
        with pytest.raises(TypeError):
            extentplan.plan(three, ["lvcreate -l 10 -n a"], **wrong)
    with pytest.raises(TypeError):
        extentplan.plan("three.vg", ["lvcreate -l 10 -n a"])


def test_a_wrong_problem_names_the_path(models):
    problem = json.loads((models / "easy" / "avoid-come-back.json").read_text())
    problem["sources"][0]["free"] = "all"
    with pytest.raises(ExtentplanError, match=r"sources\[0\].free"):
        extentplan.solve(problem)
    with pytest.raises(ExtentplanError):
        extentplan.solve({"sources": math.nan})
    with pytest.raises(ExtentplanError):
        extentplan.check({}, {})


def test_a_plan_is_drawn(three):
    plan = extentplan.plan(three, ["lvcreate -i 2 -l 240 -n data"])
    assert plan._repr_svg_().startswith("<svg") and "</svg>" in plan._repr_svg_()
    assert "<svg" in plan._repr_html_() and "</html>" in plan._repr_html_()
    assert repr(plan) == "<Plan best {'segments': 3, 'sources': 3}>"


def test_rows_are_what_tables_take(three):
    plan = extentplan.plan(three, ["lvcreate --type raid1 -m 1 -l 20 -n b"])
    for rows in (plan.legs, three.sources):
        assert len({tuple(row) for row in rows}) == 1
    pandas = pytest.importorskip("pandas")
    assert len(pandas.DataFrame(plan.legs)) == len(plan.legs)


def test_everything_public_says_what_it_is():
    for name in extentplan.__all__:
        public = getattr(extentplan, name)
        if name == "version":
            assert public.split(".")[0].isdigit()
            continue
        assert inspect.getdoc(public), name
        if inspect.isfunction(public):
            hints = inspect.get_annotations(public) if hasattr(inspect, "get_annotations") else public.__annotations__
            assert "return" in hints and all(one in hints for one in inspect.signature(public).parameters), name
    assert "time_limit" in inspect.getdoc(extentplan)
