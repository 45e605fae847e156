"""Where the tests of several processes keep their files."""

from odoo import tools


def test_each_database_has_files_of_its_own_whichever_process_runs_the_test():
    assert tools.config.filestore("one") != tools.config.filestore("two")
