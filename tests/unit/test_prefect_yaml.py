"""What runs on the server: every entry point of `prefect.yaml` is real, and so is its schedule."""

import inspect
import re
from fnmatch import fnmatchcase
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml
from prefect import Flow
from prefect.client.schemas.schedules import CronSchedule
from prefect.events import DeploymentEventTrigger
from prefect.flows import load_flow_from_entrypoint
from pydantic import TypeAdapter

from deployments import server, work_pool
from tasks import announce
from tasks.announce import Batch

FILE = Path(server.__file__).with_name("prefect.yaml")
CONTENT = yaml.safe_load(FILE.read_text(encoding="utf-8"))
DEPLOYMENTS = {entry["name"]: entry for entry in CONTENT["deployments"]}
VIETNAMESE = re.compile("[ăâđêôơưạảấầẩậắặẻẽếềểệỉịọỏốồổộớờởợụủứừửựỷỹ]")
MODULE_PATH = re.compile(r"[a-z_]+(\.[a-z_]+)+")


def _flow_of(entry):
    return load_flow_from_entrypoint(entry["entrypoint"], use_placeholder_flow=False)


def _triggers():
    return [
        pytest.param(name, trigger, id=name)
        for name, entry in DEPLOYMENTS.items()
        for trigger in entry.get("triggers", [])
    ]


def _schedules():
    return [
        pytest.param(schedule, id=name)
        for name, entry in DEPLOYMENTS.items()
        for schedule in entry.get("schedules", [])
    ]


def test_nothing_is_pulled():
    """The code is installed on every worker: no deployer's folder is stored as a pull step."""
    assert CONTENT["pull"] == []
    assert not any("pull" in entry for entry in DEPLOYMENTS.values())


def test_the_deployments_that_the_handbook_names_are_there():
    """`sweep` looks, `upload` and `lot` answer uploads, `batch` is a person's."""
    assert set(DEPLOYMENTS) >= {"batch", "sweep", "upload", "lot"}


@pytest.mark.parametrize("entry", DEPLOYMENTS.values(), ids=DEPLOYMENTS)
def test_an_entry_point_is_a_module_path(entry):
    """A path to a file would load a second copy of the module."""
    assert MODULE_PATH.fullmatch(entry["entrypoint"])


@pytest.mark.parametrize("entry", DEPLOYMENTS.values(), ids=DEPLOYMENTS)
def test_an_entry_point_loads_the_flow_itself(entry):
    """Loading it gives the object of the imported module, no placeholder and no copy."""
    module, name = entry["entrypoint"].rsplit(".", 1)
    imported = getattr(__import__(module, fromlist=[name]), name)
    assert isinstance(imported, Flow)
    assert _flow_of(entry) is imported


@pytest.mark.parametrize("entry", DEPLOYMENTS.values(), ids=DEPLOYMENTS)
def test_the_parameters_named_are_the_flow_s_own(entry):
    """A parameter that the flow does not know would fail every run."""
    named = set(entry.get("parameters", {}))
    for trigger in entry.get("triggers", []):
        named |= set(trigger.get("parameters", {}))
    assert named <= set(inspect.signature(_flow_of(entry).fn).parameters)


@pytest.mark.parametrize("name", ["sweep", "upload", "lot"])
def test_a_deployment_that_starts_by_itself_needs_no_more_parameters(name):
    """Schedule and trigger give all that the flow has no default for."""
    entry = DEPLOYMENTS[name]
    given = dict(entry.get("parameters", {}))
    for trigger in entry.get("triggers", []):
        given |= trigger["parameters"]
    assert _flow_of(entry).validate_parameters(given) == given


@pytest.mark.parametrize("entry", DEPLOYMENTS.values(), ids=DEPLOYMENTS)
def test_every_deployment_runs_in_the_pool_that_the_server_makes(entry):
    """A run in another pool would wait for a worker for ever."""
    assert entry["work_pool"]["name"] == work_pool.POOL


@pytest.mark.parametrize("entry", DEPLOYMENTS.values(), ids=DEPLOYMENTS)
def test_every_deployment_says_in_vietnamese_what_it_does(entry):
    """The operator reads this beside the run button."""
    assert VIETNAMESE.search(entry["description"])


@pytest.mark.parametrize("entry", DEPLOYMENTS.values(), ids=DEPLOYMENTS)
def test_every_parameter_is_typed_titled_and_explained_in_vietnamese(entry):
    """The form in the UI is made from this; Prefect alone would show a bare Python name."""
    form = _flow_of(entry).parameters
    fields = [*form.properties.items()]
    for name, field in fields:
        assert field["title"] != name
        assert VIETNAMESE.search(field["description"])
        if "$ref" in field:  # a group of fields: each of them, too
            group = form.definitions[field["$ref"].rpartition("/")[2]]
            fields += group["properties"].items()
        else:
            assert field.keys() & {"type", "anyOf", "enum"}


def test_what_an_operator_does_has_a_button():
    """Every act of an operator is a deployment."""
    acts = "batch requeue resplit review certify progress verify rebuild doctor expire"
    acts += " correct withdraw hold dispose-propose dispose-list dispose-approve dispose-reject"
    assert set(DEPLOYMENTS) >= set(acts.split())


def test_what_cannot_be_undone_has_no_button():
    """Disposing needs keys that no worker has: it stays a command of whoever has them."""
    code = "".join(inspect.getsource(_flow_of(entry).fn) for entry in DEPLOYMENTS.values())
    assert "dispose.propose(" in code
    assert "dispose.run(" not in code


def test_a_code_cannot_become_a_parameter_where_a_paper_is_named():
    """A code has personal data in it, and parameters stay in Prefect's database."""
    paper = _flow_of(DEPLOYMENTS["certify"]).parameters.properties["paper_id"]
    assert re.fullmatch(paper["pattern"], "0f0e0d0c-0b0a-5908-8706-050403020100")
    assert not re.fullmatch(paper["pattern"], "001099000001.KS.12/2020.01")


@pytest.mark.parametrize("schedule", _schedules())
def test_a_schedule_is_in_vietnam_s_time(schedule):
    """The cron expression is one that Prefect reads, in Asia/Ho_Chi_Minh."""
    read = CronSchedule.model_validate(schedule)
    assert ZoneInfo(read.timezone) == ZoneInfo("Asia/Ho_Chi_Minh")


def test_the_sweep_over_the_intake_is_scheduled():
    """Events are hints: without the sweep an upload whose event was lost would wait for ever."""
    (schedule,) = DEPLOYMENTS["sweep"]["schedules"]
    assert schedule["cron"] == "*/10 * * * *"
    assert DEPLOYMENTS["sweep"]["parameters"]["lot"] is None


@pytest.mark.parametrize("name", ["sweep", "nightly", "fixity", "preserve", "progress", "escalate"])
def test_what_must_happen_by_itself_has_a_schedule_that_runs(name):
    """It is switched on, and a run that is late does not pile up behind itself."""
    entry = DEPLOYMENTS[name]
    assert all(schedule.get("active", True) for schedule in entry["schedules"])
    assert entry["schedules"]
    assert entry["concurrency_limit"]["collision_strategy"] == "CANCEL_NEW"


def test_a_sweep_may_call_the_next_while_it_ends():
    """With a limit of one the next would be cancelled, and the rest would wait for the schedule."""
    assert DEPLOYMENTS["sweep"]["concurrency_limit"]["limit"] == 2


@pytest.mark.parametrize(("name", "trigger"), _triggers())
def test_a_trigger_is_one_that_the_server_takes(name, trigger):
    """The server's own schema reads it, and it is switched on."""
    read = TypeAdapter(DeploymentEventTrigger).validate_python({**trigger, "name": name})
    assert read.enabled


@pytest.mark.parametrize(
    ("name", "batch"),
    [
        ("upload", Batch("lo-1", "interactive", "1")),
        ("lot", Batch("lo-1", "bulk", "1")),
        ("sweep", Batch(None, "bulk", "1")),
    ],
)
def test_the_trigger_answers_the_event_that_is_sent(name, batch):
    """Name, resource and payload of the event are those that the trigger expects and uses."""
    event = announce._event(batch)
    answering = {
        deployment
        for deployment, entry in DEPLOYMENTS.items()
        for trigger in entry.get("triggers", [])
        if event["event"] in trigger["expect"]
    }
    assert answering == {name}
    (trigger,) = DEPLOYMENTS[name]["triggers"]
    pattern = trigger["match"]["prefect.resource.id"]
    assert fnmatchcase(event["resource"]["prefect.resource.id"], pattern)
    template = trigger["parameters"]["lot"]
    assert template == ("{{ event.payload.lot }}" if batch.lot else None)
    assert event["payload"] == {"lot": batch.lot}


def test_uploads_that_a_person_waits_for_go_first():
    """Their queue stands before all others, and a large lot's behind."""
    queue = {name: entry["work_pool"].get("work_queue_name") for name, entry in DEPLOYMENTS.items()}
    assert queue["upload"] == work_pool.INTERACTIVE == next(iter(work_pool.QUEUES))
    assert queue["lot"] == queue["sweep"] == work_pool.BULK == list(work_pool.QUEUES)[-1]
    assert {name for name in queue.values() if name} <= set(work_pool.QUEUES)
