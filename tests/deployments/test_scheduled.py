"""A data engineer's day: deploy all, run by a worker, kill it in the middle, run again with other dates, decide on a plan."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from sandbox import Running
from tests.cli.conftest import settled, small_shop
from tests.cli.merchant import Merchant
from tests.deployments.browser import page, shot
from tests.deployments.server import POOL, Server, killed_in_the_middle, prefect, prefect_server, until, worker

pytestmark = [pytest.mark.flow, pytest.mark.xdist_group("prefect")]

ZONE = "Australia/Sydney"
ENDED = ("Completed", "Failed", "Crashed", "Cancelled")


@pytest.fixture(scope="module")
def own_shop() -> Iterator[Running]:
    with small_shop() as running:
        yield running


@pytest.fixture(scope="module")
def merchant(own_shop: Running, tmp_path_factory: pytest.TempPathFactory) -> Merchant:
    found = settled(tmp_path_factory.mktemp("merchant"), own_shop)
    toml = found.folder / "fillrate.toml"
    toml.write_text(toml.read_text().replace("[store]\n", f'[store]\ntimezone = "{ZONE}"\n'))
    return found


@pytest.fixture(scope="module")
def server(merchant: Merchant, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with everything deployed; the first runs are planned, and no more will be."""
    with prefect_server(tmp_path_factory.mktemp("server")) as found:
        prefect(found, merchant, *POOL)
        prefect(found, merchant, "--no-prompt", "deploy", "--all")
        until(lambda: len(found.runs("sync-orders", "SCHEDULED")) >= 3, "runs that are planned")
        yield found


@pytest.fixture(scope="module")
def deployed(server: Server) -> dict[str, Any]:
    """What the deploy has made; the schedules are taken away after the look, so that only tests start runs."""
    found = server.deployments()
    for one in found.values():
        for schedule in one["schedules"]:
            server.answer("DELETE", f"deployments/{one['id']}/schedules/{schedule['id']}")
    return found


@pytest.fixture(scope="module")
def killed(
    server: Server, deployed: dict[str, Any], own_shop: Running, merchant: Merchant, tmp_path_factory: Any
) -> str:
    """A run that was killed together with its worker, in the middle of a read."""
    return killed_in_the_middle(server, own_shop, merchant, tmp_path_factory.mktemp("first-worker"))


@pytest.fixture(scope="module")
def at_work(server: Server, merchant: Merchant, killed: str, tmp_path_factory: Any) -> Iterator[Server]:
    """The server with a new worker."""
    with worker(server, merchant, tmp_path_factory.mktemp("second-worker")):
        yield server


@pytest.fixture(scope="module")
def again(at_work: Server) -> Any:
    """The same flow, started once more with other dates."""
    dates = {"since": "2020-01-01T00:00:00Z", "until": "2099-12-31T00:00:00+01:00"}
    return at_work.wait(at_work.start("sync-orders", **dates), *ENDED)


@pytest.fixture(scope="module")
def allocation(at_work: Server, again: Any) -> Any:
    """The allocation that nobody started by hand."""
    return until(lambda: at_work.runs("allocate-orders", "COMPLETED"), "the allocation after it")[0]


@pytest.fixture(scope="module")
def plan(allocation: Any, merchant: Merchant) -> str:
    """The plan that waits after it."""
    return str(merchant.sql("SELECT id FROM plan WHERE state = 'waiting'")[0][0])


@pytest.fixture(scope="module")
def review(at_work: Server, plan: str) -> str:
    """A run of review-plan that waits for an answer."""
    run = at_work.start("review-plan", plan=plan)
    at_work.wait(run, "Suspended")
    return run


BY_HAND = ("hold", "release", "set-priority", "move-promise", "do-not-cancel", "cancel-units", "mark-received",
           "put-back", "adopt-drift",
           "compare-policies", "adopt-backorders")  # fmt: skip


def test_deploy_all_puts_every_flow_with_its_schedules_in_the_zone_of_the_store(
    deployed: dict[str, Any], server: Server, merchant: Merchant
) -> None:
    slugs = {flow: sorted(one["slug"] for one in facts["schedules"]) for flow, facts in deployed.items()}

    assert slugs == {
        "sync-catalog": ["every-15-minutes", "nightly-full"],
        "sync-orders": ["every-5-minutes"],
        "sync-inbound": ["every-5-minutes"],
        "reconcile-inventory": ["every-10-minutes"],
        "allocate-orders": ["every-15-minutes"],
        "release-backlog": ["hourly"],
        "report-day": ["every-morning"],
        "review-plan": [],
        "follow-hooks": [],
        **{flow: [] for flow in BY_HAND},
    }
    assert {one["schedule"]["timezone"] for facts in deployed.values() for one in facts["schedules"]} == {ZONE}
    assert {facts["global_concurrency_limit"]["limit"] for facts in deployed.values()} == {2}
    assert {facts["pull_steps"][0]["prefect.deployments.steps.set_working_directory"]["directory"]
            for facts in deployed.values()} == {str(merchant.folder)}  # fmt: skip
    assert [one["name"] for one in server.ask("automations/filter")] == ["allocate-orders after reading"]


def test_up_does_not_take_deployments_away_from_their_workers(server: Server, merchant: Merchant) -> None:
    said = merchant.fillrate("up", PREFECT_API_URL=f"{server.url}/api")

    assert said.code == 2
    assert "the deployments belong to workers of the pool fillrate.\nStart a worker" in said.words


def test_after_a_kill_of_worker_and_run_the_next_run_with_other_dates_takes_over(
    at_work: Server, killed: str, again: Any, merchant: Merchant
) -> None:
    dead = at_work.run(killed)

    assert dead["state_name"] == "Running"  # nobody has told the server; docs/how-to/schedule.md says what to do
    assert (again["state_name"], "24 orders new" in again["name"]) == ("Completed", True)
    assert again["parameters"]["since"] == "2020-01-01T00:00:00Z"
    assert merchant.sql("SELECT count(*) FROM sales_order") == [(24,)]
    assert merchant.fillrate("audit").code == 0


def test_an_allocation_follows_when_orders_were_read(allocation: Any, plan: str) -> None:
    assert allocation["created_by"]["type"] == "AUTOMATION"
    assert "units in backorder" in allocation["name"]
    assert plan.startswith("P-")


@pytest.mark.browser
def test_the_page_of_a_run_leads_to_its_artifact_which_shows_what_was_read(at_work: Server, again: Any) -> None:
    with page() as seen:
        seen.goto(f"{at_work.url}/v2/runs/flow-run/{again['id']}?tab=Artifacts")
        seen.get_by_text("sync-orders of all: 24 orders new").first.wait_for()
        seen.get_by_text("What was read, and what could not be.").wait_for()
        shot(seen, "run")
        seen.get_by_role("link", name="sync-orders-read").first.click()
        seen.locator("main a[href*='/artifacts/artifact/']").first.click()
        seen.get_by_role("heading", name="sync-orders of all: 24 orders new").first.wait_for()
        shot(seen, "artifact")
        told = seen.locator("main").inner_text()

    assert re.search(r"orders new\s+24", told)
    assert "&#" not in told


@pytest.mark.browser
def test_the_queue_is_seen_at_a_glance_and_leads_to_the_form_that_decides(
    at_work: Server, allocation: Any, plan: str
) -> None:
    with page() as seen:
        seen.goto(f"{at_work.url}/v2/runs/flow-run/{allocation['id']}?tab=Artifacts")
        seen.get_by_role("link", name="allocate-orders-queue").first.click()
        seen.locator("main a[href*='/artifacts/artifact/']").first.click()
        seen.get_by_role("heading", name=re.compile(r"\d+ in backlog · \d+ in backorder")).wait_for()
        chart = seen.get_by_role("img", name="Units in backlog and backorder by days in the queue")
        chart.wait_for()
        drawn = chart.evaluate("one => [one.naturalWidth, one.clientWidth > 500]")
        told = seen.locator("main").inner_text()
        shot(seen, "queue")
        seen.get_by_role("link", name="Look at it and decide").first.click()
        asked = seen.get_by_role("textbox").filter(has_text=plan)
        asked.or_(seen.locator(f"input[value='{plan}']")).first.wait_for()
        shot(seen, "decide")

    assert drawn == [720, True]
    assert f"Plan {plan}, " in told
    assert f"({ZONE})" in told
    assert re.search(r"Waiting longest\s+order\s+SKU\s+units\s+why\s+days\s+promised\s+likely\s+main:", told)
    assert "data:image" not in told


@pytest.mark.slow
@pytest.mark.browser
def test_a_run_is_started_again_from_its_page_with_another_date(at_work: Server, again: Any) -> None:
    with page() as seen:
        seen.goto(f"{at_work.url}/v2/runs/flow-run/{again['id']}")
        seen.locator("button:has(svg.lucide-ellipsis-vertical)").first.click()
        seen.get_by_role("menuitem", name="Copy to new run").click()
        seen.get_by_text("Read what changed since this time").wait_for()
        seen.get_by_role("button", name="01/01/2020").click()
        seen.get_by_role("dialog").get_by_role("gridcell").filter(has_text=re.compile("^15$")).first.click()
        seen.keyboard.press("Escape")
        seen.get_by_role("dialog").wait_for(state="hidden")
        shot(seen, "copy-to-new-run")
        seen.get_by_role("button", name="Submit").click()
        copies = until(lambda: [one for one in every_sync(at_work) if "-15T00" in str(one["parameters"])], "the copy")
    ended = at_work.wait(copies[0]["id"], *ENDED)

    assert ended["state_name"] == "Completed"
    assert ended["parameters"]["until"] == again["parameters"]["until"]
    assert re.match(r"\d{4}-\d\d-15T00:00:00", ended["parameters"]["since"])


def every_sync(server: Server) -> list[Any]:
    return server.runs("sync-orders", "SCHEDULED", "PENDING", "RUNNING", "COMPLETED", "FAILED")


@pytest.mark.slow
@pytest.mark.browser
def test_the_form_of_a_review_shows_the_plan_and_approves_it_with_a_name(
    at_work: Server, review: str, plan: str, merchant: Merchant
) -> None:
    before = merchant.sql(f"SELECT state FROM plan WHERE id = '{plan}'")
    nameless = at_work.ask(f"flow_runs/{review}/resume", {"run_input": {"decision": "approve", "who": ""}})
    with page() as seen:
        seen.goto(f"{at_work.url}/v2/runs/flow-run/{review}")
        seen.locator("button:has(svg.lucide-ellipsis-vertical)").first.click()
        seen.get_by_role("menuitem", name="Resume").click()
        seen.get_by_role("heading", name=f"Plan {plan}").wait_for()
        form = seen.get_by_role("dialog")
        told = form.inner_text()
        form.get_by_text("defer", exact=True).click()
        seen.get_by_role("option", name="approve").click()
        form.get_by_role("textbox").nth(0).fill("Anna")
        form.get_by_role("textbox").nth(1).fill("*so*")
        shot(seen, "review-form")
        until(lambda: is_sent(form), "an answer to the form")
    ended = at_work.wait(review, *ENDED)

    assert before == [("waiting",)]
    assert "It waits: It is the first plan for this channel" in told
    assert "Units of this order wait for stock." in told
    assert "Your name; it is kept with the plan" in told
    assert (nameless["status"], "'who'" in nameless["details"]["reason"]) == ("REJECT", True)
    assert ended["state_name"] == "Completed"
    assert merchant.sql(f"SELECT state, approved_by FROM plan WHERE id = '{plan}'") == [("approved", "Anna")]
    assert at_work.get("artifacts/review-plan-decision/latest")["data"].startswith(
        f"## Anna approved plan {plan}. The next run of allocate-orders writes it.\n\n> \\*so\\*\n\n"
    )


@pytest.mark.slow
def test_a_form_that_waits_shows_its_plan_as_it_is_now_and_is_withdrawn_once_that_is_decided(
    at_work: Server, allocation: Any, merchant: Merchant
) -> None:
    merchant.sql("UPDATE plan SET state = 'waiting'", "UPDATE change SET state = 'planned'")
    [(plan,)] = merchant.sql("SELECT id FROM plan WHERE flow = 'allocate-orders'")
    run = at_work.start("review-plan", plan=plan)
    waits = at_work.wait(run, "Suspended")
    key = f"suspended-{waits['state']['state_details']['pause_key']}-description"
    before = at_work.get(f"flow_runs/{run}/input/{key}")
    merchant.sql("UPDATE change SET state = 'superseded' WHERE id = (SELECT MIN(id) FROM change)")
    at_work.wait(at_work.start("allocate-orders", dry_run=True), *ENDED)
    after = at_work.get(f"flow_runs/{run}/input/{key}")
    merchant.sql("UPDATE plan SET state = 'rejected'", "UPDATE change SET state = 'superseded'")
    at_work.wait(at_work.start("allocate-orders", dry_run=True), *ENDED)
    ended = at_work.run(run)

    assert ("7 changes, hash" in before, "7 changes, hash" in after) == (True, False)
    assert "6 changes, hash" in after
    assert "Changes that a newer plan has replaced, and that will not be written: 1." in after
    assert ended["state_name"] == "Cancelled"
    assert ended["state"]["message"].startswith(f"There is nothing to decide about plan {plan} any more")


def is_sent(form: Any) -> bool:
    """Click "Resume", again where the server was busy and the form is still there."""
    if form.is_visible():
        form.get_by_role("button", name="Resume").click()
    form.page.wait_for_timeout(1_000)
    return not form.is_visible()
