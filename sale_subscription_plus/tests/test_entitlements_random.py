"""What customers may use, in the random lives of subscriptions."""

from hypothesis import given, settings

# Its names stay there, or its test would be found here once more.
from . import test_life_random

# The lives themselves take the time, and they are tested there.
LIVES = settings(
    test_life_random.LIVES, max_examples=10 if test_life_random.EXAMPLES <= 25 else test_life_random.EXAMPLES
)


class TestEntitlementsRandom(test_life_random.TestLifeRandom):
    """What was told on a day is what the books tell of that day afterwards, whatever happened since."""

    def test_a_life_costs_what_its_days_cost(self):
        """The same lives as the test that this one extends, and another question."""

        @LIVES
        @given(test_life_random.lives)
        def play(life):
            undo = self.cr.savepoint()
            try:
                ToldLife(self, *life).play()
            finally:
                undo.close(rollback=True)
                self.env.transaction.clear()

        play()


class ToldLife(test_life_random.Life):
    """A life that remembers what was told each day; nobody pays, which is no part of it."""

    def __init__(self, *args):
        super().__init__(*args)
        self.told = {}

    def _check(self):
        # What is overdue could still be taken back, and would never have been.
        self._do_bill()
        self.told[self.today] = self._ask(None)

    def _do_cancel(self):
        """Undo no invoice: what is served does not depend on that, and the models would have to be asked."""

    def _settle(self):
        self._check()
        for day, told in self.told.items():
            self.test.assertEqual(self._ask(day), told, f"of {day}")

    def _ask(self, day):
        """Return what is told of ``day``, apart from payments and from what is known of the end."""
        Entitlement = self.env["subscription.entitlement"]
        found = Entitlement._find(self.test.customer, day)
        rows = [
            (
                entitlement.id,
                entitlement.quantity,
                entitlement.plan_id.name,
                str(entitlement.date_from),
                self._get_phase(entitlement),
            )
            for entitlement in found
        ]
        Entitlement.invalidate_model()
        return rows

    def _get_phase(self, entitlement):
        if entitlement.state in ("upcoming", "ended"):
            return entitlement.state
        return "paused" if entitlement.paused_on else "runs"
