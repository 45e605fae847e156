from . import (
    test_card_expiry,
    test_declines,
    test_look_up,
    test_money_at_stripe,
    test_rights,
    test_stripe_answers,
)
