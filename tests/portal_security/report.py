"""The result: a file for machines, a table for people."""

import json
from collections import Counter
from pathlib import Path

from .trial import OUTCOMES

PATH = Path(__file__).resolve().parents[1] / "out" / "portal_security.json"


def write(trials):
    """Write what came of the attacks."""
    total = sum((trial.total() for trial in trials), Counter())
    result = {
        "routes": len({trial.route.rule for trial in trials}),
        "attacks": total.total(),
        **{name: total[name] for name in OUTCOMES},
        "by_route": {trial.name: {name: trial.total()[name] for name in OUTCOMES} for trial in trials},
        "by_attack": _get_by_attack(trials),
        "offenders": [offender for trial in trials for offender in trial.offenders],
    }
    PATH.parent.mkdir(exist_ok=True)
    PATH.write_text(json.dumps(result, indent=1) + "\n")
    return result


def _get_by_attack(trials):
    totals = {}
    for trial in trials:
        for name, outcomes in trial.outcomes.items():
            totals.setdefault(name, Counter()).update(outcomes)
    return {name: {outcome: counter[outcome] for outcome in OUTCOMES} for name, counter in totals.items()}


def lines(result):
    """Return the table."""
    width = max(map(len, [*result["by_route"], *result["by_attack"]])) + 2
    head = "".join(f"{name:>12}" for name in OUTCOMES)
    for title in ("by_route", "by_attack"):
        yield f"{title.replace('_', ' '):<{width}}{head}"
        for name, outcomes in result[title].items():
            yield f"{name:<{width}}" + "".join(f"{outcomes[outcome]:>12}" for outcome in OUTCOMES)
    yield f"{result['routes']} routes, {result['attacks']} attacks" + "".join(
        f", {result[name]} {name}" for name in OUTCOMES
    )
