"""Command line of the shim."""

import sys

from .server import Shim

Shim(int(sys.argv[1]), sys.argv[2]).serve_forever()
