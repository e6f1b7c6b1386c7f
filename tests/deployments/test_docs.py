"""Each command and each flow has its page in docs/, with a picture."""

import re
from pathlib import Path

import pytest
import typer

from deployments.cli import app
from deployments.schedules import deployments

DOCS = Path(__file__).parents[2] / "docs"
ROWS = [line.split("|")[2:4] for line in (DOCS / "README.md").read_text().splitlines() if line.startswith("| ")][1:]
FENCED = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
DRAWN = re.compile(r"[─│►▼█]|\| #\d")
COMMANDS = sorted(typer.main.get_command(app).commands)  # type: ignore[attr-defined]
FLOWS = sorted({one["entrypoint"].rsplit(".", 1)[1].replace("_", "-") for one in deployments()})


def pages(name: str) -> list[str]:
    """The text of the pages that the list of all pages names for a command or a flow."""
    told = [links for links, names in ROWS if re.search(rf"`{name}( [a-z]+)?`", names)]
    return [(DOCS / link).read_text() for links in told for link in re.findall(r"\((how-to/[a-z-]+\.md)\)", links)]


@pytest.mark.parametrize("name", [*COMMANDS, *FLOWS])
def test_each_command_and_flow_has_its_page_which_shows_how_it_is_used(name: str) -> None:
    assert any(re.search(rf"(fillrate |run |`){name}\b", page) for page in pages(name))


@pytest.mark.parametrize("page", sorted((DOCS / "how-to").glob("*.md")), ids=lambda page: page.stem)
def test_each_page_has_a_picture(page: Path) -> None:
    assert any(DRAWN.search(block) for block in FENCED.findall(page.read_text()))
