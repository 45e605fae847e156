from . import declines
