"""Odoo's own checks on source code (its add-on test_lint), on our add-ons only."""

from unittest.mock import patch

from odoo import tools
from odoo.modules import Manifest

from odoo.addons.test_lint.tests import (
    test_docstring,
    test_dunderinit,
    test_i18n,
    test_index,
    test_jstranslate,
    test_manifests,
    test_naming,
    test_onchange_domains,
    test_orm_import,
    test_override_signatures,
    test_pofile,
    test_pylint,
    test_routes,
    test_test_holes,
)

from commands import addons


class OurAddons:
    """Makes the checks see our add-ons, and none of Odoo's."""

    def setUp(self):
        super().setUp()
        names = list(addons.manifests())
        manifests = [Manifest.for_addon(name) for name in names]
        for target, attribute, value in (
            (Manifest, "all_addon_manifests", lambda: manifests),
            (test_pofile, "get_modules", lambda: names),
            (test_docstring, "MODULES_TO_LINT", tuple(names)),
        ):
            patcher = patch.object(target, attribute, value)
            patcher.start()
            self.addCleanup(patcher.stop)


class TestDocstring(OurAddons, test_docstring.TestDocstring):
    pass


class TestDunderinit(OurAddons, test_dunderinit.TestDunderinit):
    pass


class TestI18n(OurAddons, test_i18n.TestI18n):
    pass


class TestIndex(OurAddons, test_index.TestIndex):
    pass


class TestJsTranslations(OurAddons, test_jstranslate.TestJsTranslations):
    pass


class TestManifests(OurAddons, test_manifests.ManifestLinter):
    pass


class TestNaming(OurAddons, test_naming.TestNaming):
    pass


class TestOnchangeDomains(OurAddons, test_onchange_domains.TestOnchangeDomains):
    pass


class TestOrmImport(OurAddons, test_orm_import.TestDunderinit):
    pass


class TestOverrideSignatures(OurAddons, test_override_signatures.TestLintOverrideSignatures):
    pass


class TestPotDuplicates(OurAddons, test_pofile.PotLinter):
    pass


class TestPylint(OurAddons, test_pylint.TestPyLint):
    def setUp(self):
        super().setUp()
        # Odoo's own source is among the paths whatever the add-ons: point that at one of ours.
        root = patch.object(tools.config, "root_path", str(addons.ROOT / next(iter(addons.manifests()))))
        root.start()
        self.addCleanup(root.stop)


class TestRoutes(OurAddons, test_routes.RoutesLinter):
    pass


class TestTestHoles(OurAddons, test_test_holes.TestTestHoles):
    pass
