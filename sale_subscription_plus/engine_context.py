"""What the engine passes on in the context, and nobody who calls over the network can."""


class Shared(dict):
    """Something that the steps of one job share; no call over the network can bring it, for JSON has no such type."""

    def __bool__(self):
        """It is there, even while nothing is in it."""
        return True


def get_shared(env, name):
    """Return what a job of the engine shares as ``name``; None outside of one."""
    value = env.context.get(name)
    return value if isinstance(value, Shared) else None
