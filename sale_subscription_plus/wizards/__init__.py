from . import subscription_preview_mixin  # isort: skip  # the wizards below inherit it
from . import (
    account_move_reversal,
    sale_make_invoice_advance,
    subscription_change_wizard,
    subscription_close_wizard,
    subscription_dry_run,
    subscription_follow_up_wizard,
    subscription_hand_over_wizard,
    subscription_import_wizard,
    subscription_pause_wizard,
    subscription_reopen_wizard,
    subscription_resume_wizard,
    subscription_schedule,
)
