from . import (
    account_move_reversal,
    sale_make_invoice_advance,
    subscription_close_wizard,
    subscription_dry_run,
    subscription_follow_up_wizard,
    subscription_hand_over_wizard,
    subscription_import_wizard,
    subscription_schedule,
)
