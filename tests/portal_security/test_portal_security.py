"""Each route of ours × each attack. A new route is attacked by itself; it wants an entry in good.py."""

from . import report
from .good import GOOD, guess
from .trial import BAD, Trial


class Half:
    """Every other route: two processes share them."""

    half = None

    def test_no_route_gives_way(self, world):
        trials, wrong = [], []
        assert len(world.routes) > 10, "Odoo's routing map does not tell our routes any more."
        for route in world.routes[self.half :: 2]:
            goods = GOOD.get(route.rule, [])
            if not goods:
                wrong.append(
                    f"{route.rule} ({route.where}) wants an entry in tests/portal_security/good.py: please add it."
                )
            for number, good in enumerate(goods or [guess(route)]):
                trial = Trial(route, good, world)
                wrong += trial.check() if goods else []
                trial.run(first=not number)
                trials.append(trial)
        offenders = report.write(self.half, trials)["offenders"]
        assert not wrong, "\n".join(wrong)
        told = "\n".join(map(str, offenders[:5]))
        assert not offenders, f"{len(offenders)} attacks were {', '.join(BAD)}: see {report.PATH}\n{told}"


class TestOneHalf(Half):
    half = 0


class TestOtherHalf(Half):
    half = 1
