"""What a run did, in a sentence and as an artifact."""

from fillrate.report.summary import counted, plan_artifact, problem_artifact, run_title, sync_artifact


def test_counts_become_one_sentence_and_what_did_not_change_is_left_out() -> None:
    counts = {
        "orders_new": 1200,
        "orders_unchanged": 5,
        "orders_rejected": 1,
        "units_lost_their_stock": 3,
        "stock_read": 0,
    }

    assert counted(counts) == "1,200 orders new, 1 order could not be read, 3 units no longer covered by stock."
    assert counted({"orders_unchanged": 5}) == "Nothing changed."


def test_a_count_that_nobody_put_into_words_is_read_as_it_is_named() -> None:
    assert counted(
        {"shelves_swept_clean": 1, "categories_new": 1, "orders_skipped_unpaid_checkouts": 2, "stock_read": 2}
    ) == ("1 category new, 2 orders passed over (unfinished checkouts), 1 shelf swept clean, 2 stock numbers read.")


def test_a_run_is_named_after_what_it_did_and_how_it_ended() -> None:
    assert run_title("sync-orders", "main", {"orders_new": 2}, "done") == "sync-orders of main: 2 orders new"
    assert run_title("sync-orders", "all", {}, "problems") == "sync-orders of all, done, with problems: Nothing changed"


def test_a_name_stays_short_enough_for_a_list() -> None:
    name = run_title("sync-catalog", "main", {f"kind{n}_new": n for n in range(1, 40)}, "done")

    assert len(name) == 120
    assert name.endswith("…")


def test_an_artifact_of_reading_tells_what_was_read_what_could_not_be_and_what_to_do() -> None:
    assert sync_artifact("orders", {"orders_new": 2}, [("orders", "7", "no date | at all")]) == (
        "## orders\n\n"
        "| what | how many |\n|---|---:|\n| orders new | 2 |\n\n"
        "### Could not be read\nMend these in the shop; the next read takes them in.\n\n"
        "| what | id | why |\n|---|---|---|\n| orders | 7 | no date \\| at all |"
    )
    assert sync_artifact("orders", {"orders_new": 0}, []) == "## orders\n\nNothing was read."


def test_an_artifact_of_a_plan_that_waits_tells_why_and_the_commands_that_decide() -> None:
    plan = {"id": "P-1-1", "state": "waits for a person", "hash": "ab" * 32, "waits_because": "It is the first."}

    said = plan_artifact(plan, [("order 12", "no note → 1 × CUP waits", "Units wait.", "waits")], 3)

    assert said.split("\n\n") == [
        "## Plan P-1-1: waits for a person",
        "3 changes, hash `abababababababababababababababab…`",
        "**It waits:** It is the first.",
        "To let it through: `fillrate approve P-1-1` · To refuse it: `fillrate reject P-1-1`",
        "| on | what | why | state |\n|---|---|---|---|\n| order 12 | no note → 1 × CUP waits | Units wait. | waits |",
        "… and 2 more: `fillrate show P-1-1 --json` lists all.",
    ]
    one = plan_artifact({**plan, "waits_because": ""}, [], 1)
    assert ("fillrate approve" in one, "1 change, hash" in one) == (False, True)


def test_an_artifact_of_problems_tells_what_went_wrong_and_what_to_do() -> None:
    problems = [{"where": "main: orders", "what": "The shop is closed.", "next": "Wait."}]

    assert problem_artifact("sync-orders", problems) == (
        "## sync-orders\n\n### Problems\n* **main: orders** The shop is closed. Wait."
    )
