"""The system's Chromium without a screen; what a person would see of a page, as text and as a picture."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
REASON = "no Chromium on this machine (apt-get install chromium)"
SHOTS = os.environ.get("FILLRATE_SCREENSHOTS")  # a folder, to look at the pictures afterwards


@contextmanager
def page() -> Iterator["Page"]:
    """An empty page; skips where there is no Chromium, fails there where .ci/run demands one."""
    if CHROMIUM is None:
        (pytest.fail if os.environ.get("FILLRATE_BROWSER") == "required" else pytest.skip)(REASON)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        found = browser.new_page(viewport={"width": 1400, "height": 1400})
        found.set_default_timeout(60_000)
        try:
            yield found
        except BaseException:
            shot(found, "failed")
            raise
        finally:
            browser.close()


def shot(page: "Page", name: str) -> None:
    """Keep a picture where somebody wants to look at it."""
    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / f"{name}.png"))
