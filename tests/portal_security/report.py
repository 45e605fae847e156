"""The result: a file for machines, a table for people. Each half of the routes adds its part."""

import json
import os
from collections import Counter
from pathlib import Path

from .trial import OUTCOMES

OUT = Path(__file__).resolve().parents[1] / "out"
PATH = OUT / "portal_security.json"


def write(half, trials):
    """Write what came of the attacks of a half, and the result of all halves that are through."""
    OUT.mkdir(exist_ok=True)
    part = {
        "run": _get_run(),
        "routes": sorted({trial.route.rule for trial in trials}),
        "by_route": {trial.name: _count([trial.total()]) for trial in trials},
        "by_attack": _get_by_attack(trials),
        "offenders": [offender for trial in trials for offender in trial.offenders],
    }
    _get_part_path(half).write_text(json.dumps(part))
    PATH.write_text(json.dumps(_merge(_read_parts()), indent=1) + "\n")
    return part


def lines():
    """Return the table of this run; nothing where no attack was made."""
    result = json.loads(PATH.read_text()) if PATH.exists() else {}
    if result.get("run") != _get_run():
        return
    width = max(map(len, [*result["by_route"], *result["by_attack"]])) + 2
    head = "".join(f"{name:>12}" for name in OUTCOMES)
    for title in ("by_route", "by_attack"):
        yield f"{title.replace('_', ' '):<{width}}{head}"
        for name, outcomes in sorted(result[title].items()):
            yield f"{name:<{width}}" + "".join(f"{outcomes[outcome]:>12}" for outcome in OUTCOMES)
    total = ", ".join(f"{result[name]} {name}" for name in OUTCOMES)
    yield f"{result['routes']} routes, {result['attacks']} attacks: {total}"


def _get_run():
    return os.environ.get("SUBPLUS_TEST_RUN")


def _get_part_path(half):
    return OUT / f"portal_security.{half}.json"


def _read_parts():
    parts = [json.loads(path.read_text()) for path in map(_get_part_path, (0, 1)) if path.exists()]
    return [part for part in parts if part["run"] == _get_run()]


def _merge(parts):
    by_attack = {}
    for part in parts:
        for name, outcomes in part["by_attack"].items():
            by_attack[name] = _count([by_attack.get(name, {}), outcomes])
    total = _count(by_attack.values())
    return {
        "run": _get_run(),
        "routes": sum(len(part["routes"]) for part in parts),
        "attacks": sum(total.values()),
        **total,
        "by_route": {name: outcomes for part in parts for name, outcomes in part["by_route"].items()},
        "by_attack": by_attack,
        "offenders": [offender for part in parts for offender in part["offenders"]],
    }


def _get_by_attack(trials):
    totals = {}
    for trial in trials:
        for name, outcomes in trial.outcomes.items():
            totals.setdefault(name, []).append(outcomes)
    return {name: _count(outcomes) for name, outcomes in totals.items()}


def _count(counters):
    total = sum(map(Counter, counters), Counter())
    return {outcome: total[outcome] for outcome in OUTCOMES}
