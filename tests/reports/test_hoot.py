"""The tests of the add-on's JavaScript, in a real browser; they lie in its ``static/tests``."""

from functools import reduce

import pytest

from ..life.world import MANAGER
from .viewer import viewer

SUITE = "@sale_subscription_plus_reports"
PASSED, FAILED = "[HOOT] Passed", "[HOOT] Failed"


def _get_id(suite):
    """The id that Hoot gives to a suite: a hash of 32 bits."""
    return f"{reduce(lambda value, letter: (value * 31 + ord(letter)) & 0xFFFFFFFF, suite, 0):08x}"


@pytest.mark.slow
def test_the_tests_of_the_screens_pass(browser, address):
    messages = []
    with viewer(browser, address, MANAGER) as screen:
        screen.page.on("console", lambda message: messages.append(message.text))
        screen.page.goto(f"/web/tests?headless&loglevel=2&preset=desktop&timeout=15000&id={_get_id(SUITE)}")
        with screen.page.expect_console_message(
            lambda message: message.text.startswith((PASSED, FAILED)), timeout=300000
        ) as summary:
            pass
        assert summary.value.text.startswith(PASSED), "\n".join(text for text in messages if "failed:" in text)
