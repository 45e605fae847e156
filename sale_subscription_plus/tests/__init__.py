from . import (
    test_check,
    test_plan,
    test_recurrence,
)
