"""Which changes of an order's status a merchant may ask for."""

from pathlib import Path

import pytest

from fillrate.errors import FixSettings
from fillrate.settings import load
from tests.test_settings import GOOD, TOKEN, written

TO_PARTIAL = '{ from = "11", to = "3", when = "waits" }'
LEAVES = "only what means by_lines may be left and written"
PAIRS = [
    (TO_PARTIAL, "", None),
    (f'{TO_PARTIAL}, {{ from = "3", to = "11", when = "ready" }}', "", None),
    ('{ from = "11", to = "12", when = "waits" }', 'statuses = { "12" = "by_lines" }', None),
    ('{ from = "7", to = "11", when = "waits" }', "", LEAVES),
    ('{ from = "11", to = "7", when = "waits" }', "", LEAVES),
    *((f'{{ from = "11", to = "{to}", when = "ready" }}', "", LEAVES) for to in ("0", "2", "4", "5", "6", "10", "12")),
    ('{ from = "11", to = "99", when = "ready" }', "", '"99" means unknown'),
    ('{ from = "9", to = "9", when = "ready" }', "", "changes nothing"),
    (f'{TO_PARTIAL}, {{ from = "11", to = "9", when = "waits" }}', "", "another pair leaves the same status"),
    (f'{TO_PARTIAL}, {{ from = "3", to = "11", when = "waits" }}', "", "so that it would not stay"),
    (f'{TO_PARTIAL}, {{ from = "3", to = "9", when = "waits" }}', "", "so that it would not stay"),
    (TO_PARTIAL, 'undeducted_statuses = ["3"]', "would move the shop's stock"),
    (TO_PARTIAL, 'undeducted_statuses = ["3", "11"]', None),
    ('{ from = "11", to = "3", when = "soon" }', "", "Input should be 'waits', 'part_waits', 'picking' or 'ready'"),
    ('{ from = "11", when = "waits" }', "", "Field required"),
]


@pytest.mark.parametrize(("pairs", "more", "complaint"), PAIRS)
def test_a_status_that_is_written_moves_no_unit_and_stays(
    pairs: str, more: str, complaint: str | None, tmp_path: Path
) -> None:
    file = written(tmp_path, f"{GOOD}{more}\n[channel.write_back]\norder_status = [{pairs}]\n")

    if complaint is None:
        assert load(file, TOKEN).channel[0].write_back.order_status
    else:
        with pytest.raises(FixSettings) as caught:
            load(file, TOKEN)
        assert complaint in caught.value.what


def test_a_text_for_pages_holds_its_day(tmp_path: Path) -> None:
    with pytest.raises(FixSettings, match="must hold {day}, in place of which the page shows the day"):
        load(written(tmp_path, f'{GOOD}\n[channel.write_back]\nproduct_page = "Soon."\n'), TOKEN)


def test_nothing_is_written_back_unless_it_is_asked_for(tmp_path: Path) -> None:
    assert load(written(tmp_path, GOOD), TOKEN).channel[0].write_back.model_dump() == {
        "order_status": (),
        "staff_note": False,
        "product_page": "",
        "backorder_limit": False,
        "purchasing": False,
    }
