from . import (
    test_changes_of_discounts,
    test_discounts_random,
    test_every_invoice,
    test_first_invoice,
    test_free_product,
    test_gift_card,
    test_renewal_and_upsell,
    test_rights,
)
