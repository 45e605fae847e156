"""Each route of ours × each attack. A new route is attacked by itself; it wants an entry in good.py."""

from . import report
from .good import GOOD, guess
from .trial import BAD, Trial


def test_no_route_gives_way(world):
    trials, wrong = [], []
    for route in world.routes:
        goods = GOOD.get(route.rule)
        if not goods:
            wrong.append(f"{route.rule} ({route.where}) has no entry in tests/portal_security/good.py: please add one.")
        for good in goods or [guess(route)]:
            trial = Trial(route, good, world, world.watch, world.log)
            wrong += goods and trial.check() or []
            trial.run()
            trials.append(trial)
    result = report.write(trials)
    assert len(trials) > 5, "Odoo's routing map does not tell our routes any more."
    bad = {name: result[name] for name in BAD if result[name]}
    assert not wrong, "\n".join(wrong)
    assert not bad, f"{bad}: see {report.PATH}\n" + "\n".join(map(str, result["offenders"][:5]))
