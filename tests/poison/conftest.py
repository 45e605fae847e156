"""An add-on that breaks billing, beside ours."""

from pathlib import Path

import pytest

from odoo import tools

import odoo.addons

ADDONS = Path(__file__).resolve().parents[1] / "addons"


@pytest.fixture(scope="session")
def poison_config(tmp_path_factory):
    """Odoo's configuration with the add-on in its path; this process knows of it as well."""
    odoo.addons.__path__.append(str(ADDONS))
    path = tmp_path_factory.mktemp("poison") / "odoo.conf"
    lines = Path(tools.config["config"]).read_text().splitlines()
    path.write_text("\n".join(f"{line},{ADDONS}" if line.startswith("addons_path") else line for line in lines))
    return path


@pytest.fixture
def poison_manage(manage, poison_config):
    """Like ``manage``, with the add-on that breaks."""

    def run(command, *arguments):
        return manage(command, "--config", poison_config, *arguments)

    return run
