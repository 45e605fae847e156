"""What the engine passes on in the context, and nobody who calls over the network can."""

from contextlib import contextmanager
from contextvars import ContextVar


class Shared(dict):
    """Something that the steps of one job share; no call over the network can bring it, for JSON has no such type."""

    def __bool__(self):
        """It is there, even while nothing is in it."""
        return True


def get_shared(env, name):
    """Return what a job of the engine shares as ``name``; None outside of one."""
    value = env.context.get(name)
    return value if isinstance(value, Shared) else None


# Of the thread, not of an environment: what is computed when a transaction is flushed, knows no other context.
_engine_run = ContextVar("engine_run", default=None)


class EngineRun:
    """What a run of the engine knows of the automation rules that it met: {id of the rule: reasons}, and who worked."""

    def __init__(self):
        self.failures = {}
        self.worked = set()


@contextmanager
def engine_run():
    """Mark what is done inside as done by a run of the engine, not by somebody at a screen; yield the run."""
    run = EngineRun()
    token = _engine_run.set(run)
    try:
        yield run
    finally:
        _engine_run.reset(token)


def get_engine_run():
    """Return the :class:`EngineRun` that is doing this; None where it is somebody at a screen."""
    return _engine_run.get()
