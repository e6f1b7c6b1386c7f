"""Half a million real order lines. They lie beside the project, not in it, so what needs them is skipped elsewhere."""

from pathlib import Path

import pytest

REAL = Path(__file__).parents[2] / "shared/data/online_retail.csv.gz"
only_with_real_orders = pytest.mark.skipif(not REAL.exists(), reason=f"the real order lines are not here: {REAL}")
