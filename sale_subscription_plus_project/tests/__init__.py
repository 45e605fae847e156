from . import test_tasks_once
