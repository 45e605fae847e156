"""A database in which the add-ons that fulfil and discount orders are installed beside ours."""

import pytest

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry

BESIDE = "sale_loyalty,sale_stock,sale_project"


@pytest.fixture(scope="session")
def matrix_db(core_db, make_session_copy, odoo_command):
    """Name of a database with sale_loyalty, sale_stock and sale_project."""
    name = make_session_copy(core_db)
    odoo_command("-d", name, "-i", BESIDE, "--stop-after-init")
    return name


@pytest.fixture
def env(matrix_db):
    """The superuser's environment on the database; what a test does is rolled back."""
    with Registry(matrix_db).cursor() as cr:
        yield api.Environment(cr, SUPERUSER_ID, {})
        cr.rollback()
