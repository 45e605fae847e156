"""Command line that charges what is to be charged, as the scheduled action does: a process for tests to kill."""

from commands.shell import database_command


@database_command("collect")
def collect(env):
    """Charge what is to be charged now."""
    return env["subscription.charging.run"]._run(), True


if __name__ == "__main__":
    collect()
