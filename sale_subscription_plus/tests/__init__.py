from . import (
    test_check,
    test_online_payment,
    test_plan,
    test_recurrence,
)
