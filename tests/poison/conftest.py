"""An add-on that breaks billing, beside ours."""

import pytest


@pytest.fixture
def poison_manage(manage, extra_addons_config):
    """Like ``manage``, with the add-on that breaks."""

    def run(command, *arguments):
        return manage(command, "--config", extra_addons_config, *arguments)

    return run
