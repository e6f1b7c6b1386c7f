"""A store's request budget in the database: what the store says of its quota counts, the cautious number first."""

from fillrate.db.database import Database
from fillrate.db.tables import Channel
from fillrate.db.tokens import SharedTokens
from fillrate.gateway.budget import Priority, Quota
from fillrate.gateway.outside import Outside


def tokens(db: Database) -> SharedTokens:
    with db.write("test.channel") as tx:
        tx.upsert(Channel, [{"id": 1, "name": "main", "kind": "bigcommerce"}], key=("id",))
    return db.tokens(1)


def quota(limit: int, left: int) -> Quota:
    return Quota(limit=limit, left=left, resets_in_s=30, window_s=30)


def test_what_one_process_draws_another_cannot(db: Database) -> None:
    mine = tokens(db)
    theirs = Database(db.engine, Outside()).tokens(1)
    mine.observe(quota(100, 100))

    granted = [one.draw(10, Priority.WRITE).granted for one in (mine, theirs) * 6]

    assert sum(granted) == 80  # a fifth stays free for the merchant's other apps
    assert theirs.draw(10, Priority.WRITE).wait_s > 0


def test_within_a_window_a_late_answer_cannot_raise_what_is_left(db: Database) -> None:
    mine = tokens(db)
    mine.observe(quota(100, 20))
    mine.observe(quota(100, 90))
    assert mine.draw(10, Priority.WRITE).granted == 0


def test_another_limit_is_believed_at_once(db: Database) -> None:
    mine = tokens(db)
    mine.observe(quota(150, 0))
    mine.observe(quota(20_000, 20_000))
    assert mine.draw(10, Priority.CATALOG).granted == 10
