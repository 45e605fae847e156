"""Charge what is due, and follow up what is not paid."""

from .shell import database_command, method, progress_bar


@database_command("charge")
def command(env):
    """Charge what is due by saved methods; what needs a person makes exit code 1."""
    run = method(env, "subscription.charging.run", "_run")
    with progress_bar("attempts") as progress:
        result = run(progress=progress)
    return result, not result["unknown"] and not result["configuration"]
