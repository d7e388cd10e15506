"""Questions have the answers of the program, and what is wrong with them is an exception."""

import copy
import html
import inspect
import json
import pickle
import pydoc
import typing

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


def test_a_plan_is_drawn(three):
    plan = extentplan.plan(three, ["lvcreate -i 2 -l 240 -n data"])
    assert plan._repr_svg_().startswith("<svg") and "</svg>" in plan._repr_svg_()
    # A page of its own in a frame, so that the notebook keeps its look.
    frame = plan._repr_html_()
    page = html.unescape(frame[frame.index('srcdoc="') + 8 : frame.index('" style=')])
    assert frame.startswith("<iframe ") and frame.count("<") == 2
    assert "<svg" in page and page.rstrip().endswith("</html>")
    assert repr(plan) == "<Plan best {'segments': 3, 'sources': 3}>"


def test_answers_are_copied_and_sent_to_other_processes(models, three):
    problem = json.loads((models / "easy" / "avoid-come-back.json").read_text())
    request = ["lvcreate -i 2 -l 240 -n data"]
    segments = extentplan.read(models / "lvm2" / "segments.vg")
    answers = [
        extentplan.plan(three, request),
        extentplan.plan(three, ["lvcreate -l 10 -n a", "lvconvert --type raid1 -m 1 vg0/a"]),
        extentplan.rearrange(segments, drain="/dev/sda"),
        extentplan.audit(three),
        extentplan.survive(three),
        extentplan.capacity(three, request),
        extentplan.check(problem, extentplan.solve(problem)),
    ]
    for answer in answers:
        for other in (copy.copy(answer), copy.deepcopy(answer), pickle.loads(pickle.dumps(answer))):
            assert type(other) is type(answer) and (str(other), repr(other)) == (str(answer), repr(answer))
            for look in ("_repr_html_", "_repr_svg_", "script", "to_dict"):
                if hasattr(answer, look):
                    assert getattr(other, look)() == getattr(answer, look)()


def test_what_is_handed_out_is_a_copy(three):
    plan = extentplan.plan(three, ["lvcreate -i 2 -l 240 -n data"])
    before = json.dumps(plan.to_dict())
    plan.to_dict()["status"] = "impossible"
    plan["allocations"].clear()
    plan.proof["sources"].clear()
    plan.lvm2.clear()
    assert plan.status == "best" and json.dumps(plan.to_dict()) == before


def test_help_is_about_extentplan_and_has_the_keys_of_a_problem():
    text = pydoc.plain(pydoc.render_doc(extentplan))
    assert "fromkeys" not in text and "Remove all items" not in text
    solve = inspect.getdoc(extentplan.solve)
    for typed in (extentplan.ProblemDict, extentplan.SourceDict, extentplan.RequestDict):
        for key in typing.get_type_hints(typed):
            assert key in solve, key


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
