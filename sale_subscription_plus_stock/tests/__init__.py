from . import test_deliver_once
