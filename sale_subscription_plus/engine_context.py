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
_engine_running = ContextVar("engine_running", default=False)


@contextmanager
def engine_run():
    """Mark what is done inside as done by a run of the engine, not by somebody at a screen."""
    token = _engine_running.set(True)
    try:
        yield
    finally:
        _engine_running.reset(token)


def is_engine_running():
    """Return whether a run of the engine is doing this."""
    return _engine_running.get()
