from . import (
    test_billing,
    test_check,
    test_confirmation,
    test_ledger,
    test_online_payment,
    test_plan,
    test_pricing,
    test_recurrence,
    test_set_up_fee,
    test_time_zone,
)
