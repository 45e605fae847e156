"""What Stripe's answers mean for a payment: plain Python, no database.

The kinds are those of the engine: ``soft`` (the method may work another day), ``hard`` (it never will), ``action``
(the customer must confirm), ``configuration`` (ours to mend), ``pending`` and ``unknown`` (nobody has said that the
money was not taken). Codes: https://docs.stripe.com/declines/codes and https://docs.stripe.com/error-codes.
"""

SOFT, HARD, ACTION = "soft", "hard", "action"
CONFIGURATION, PENDING, UNKNOWN = "configuration", "pending", "unknown"

# Our own name for ``resource_missing`` where what is missing is the saved method or its customer.
UNKNOWN_METHOD = "unknown_method"

KINDS = {
    ACTION: {
        "authentication_not_handled",
        "authentication_required",
        "payment_intent_action_required",
        "payment_intent_authentication_failure",
    },
    # Only another card or account helps, or the customer's word with their bank.
    HARD: {
        "account_closed",
        "account_number_invalid",
        "bank_account_restricted",
        "bank_account_unusable",
        "bank_account_unverified",
        "bank_ownership_changed",
        "card_not_supported",
        # The card's issuer takes no payments in this currency; another card may. What our own account at Stripe does
        # not take comes as a request refused with 400.
        "currency_not_supported",
        "debit_not_authorized",
        "do_not_try_again",
        "expired_card",
        "fraudulent",
        "highest_risk_level",
        "incorrect_account_holder_name",
        "incorrect_address",
        "incorrect_cvc",
        "incorrect_number",
        "incorrect_pin",
        "incorrect_zip",
        "invalid_account",
        "invalid_account_number",
        "invalid_bank_account_iban",
        "invalid_cvc",
        "invalid_expiry_month",
        "invalid_expiry_year",
        "invalid_number",
        "invalid_pin",
        "lost_card",
        "mandate_invalid",
        "merchant_blacklist",
        "new_account_information_available",
        "no_account",
        "offline_pin_required",
        "online_or_offline_pin_required",
        "payment_intent_mandate_invalid",
        "payment_method_customer_decline",
        "pickup_card",
        "pin_try_exceeded",
        "restricted_card",
        "revocation_of_all_authorizations",
        "revocation_of_authorization",
        "routing_number_invalid",
        "sepa_unsupported_account",
        "stolen_card",
        "stop_payment_order",
        "testmode_decline",
        "transaction_not_allowed",
        UNKNOWN_METHOD,
    },
    SOFT: {
        "approve_with_id",
        "bank_account_declined",
        "call_issuer",
        "card_decline_rate_limit_exceeded",
        "card_declined",
        "card_velocity_exceeded",
        "charge_exceeds_source_limit",
        "charge_exceeds_transaction_limit",
        "charge_exceeds_weekly_limit",
        "could_not_process",
        "do_not_honor",
        # This payment was not made; whether another one was is seen before the next is.
        "duplicate_transaction",
        "generic_could_not_process",
        "generic_decline",
        "insufficient_funds",
        "invalid_amount",
        "issuer_not_available",
        "no_action_taken",
        "not_permitted",
        "payment_intent_payment_attempt_expired",
        "payment_intent_payment_attempt_failed",
        "payment_method_not_available",
        "payment_method_provider_decline",
        "payment_method_provider_timeout",
        "processing_error",
        "reenter_transaction",
        "refer_to_customer",
        "security_violation",
        "service_not_allowed",
        "try_again_later",
        "withdrawal_count_limit_exceeded",
    },
    # The request was refused, but because there is a payment already: made before under the same key, or further on.
    UNKNOWN: {
        "idempotency_error",
        "idempotency_key_in_use",
        "lock_timeout",
        "payment_intent_unexpected_state",
        "rate_limit",
    },
}
KIND_BY_CODE = {code: kind for kind, codes in KINDS.items() for code in codes}

# What an intent's status means where no error is told with it. One that was cancelled took nothing.
KIND_BY_STATUS = {"requires_action": ACTION, "processing": PENDING, "canceled": SOFT}

# Answers behind which a payment may have been made all the same; 0 is no answer.
SILENT = {0, 408, 409, 424, 425, 429}


def failure_kind(http_status, code=None, decline_code=None, intent_status=None):
    """Tell what an answer means for the payment that was asked for.

    Only an answer that names a decline is one:

    >>> failure_kind(402, "card_declined", "insufficient_funds", "requires_payment_method")
    'soft'
    >>> failure_kind(402, "card_declined", "stolen_card", "requires_payment_method")
    'hard'
    >>> failure_kind(402, "expired_card", "expired_card")
    'hard'
    >>> failure_kind(402, "card_declined", "a code of next year")
    'soft'
    >>> failure_kind(402)
    'unknown'

    The customer must do something, whether Stripe calls that an error or not:

    >>> failure_kind(402, "authentication_required", "authentication_required", "requires_payment_method")
    'action'
    >>> failure_kind(200, intent_status="requires_action")
    'action'

    A debit that fails days later, told by an event:

    >>> failure_kind(200, "debit_not_authorized", None, "requires_payment_method")
    'hard'

    No answer, an answer that nobody can vouch for, and an intent that goes on:

    >>> [failure_kind(status, "card_declined") for status in (0, 409, 429, 500, 503)]
    ['unknown', 'unknown', 'unknown', 'unknown', 'unknown']
    >>> failure_kind(400, "idempotency_error")
    'unknown'
    >>> failure_kind(200, intent_status="processing")
    'pending'

    Ours to mend; but a method that Stripe does not know is one that the customer has to replace:

    >>> failure_kind(401), failure_kind(403), failure_kind(400, "amount_too_small")
    ('configuration', 'configuration', 'configuration')
    >>> failure_kind(400, "unknown_method")
    'hard'
    """
    if http_status in SILENT or http_status >= 500:
        return UNKNOWN
    if http_status in (401, 403):
        return CONFIGURATION
    for name in (decline_code, code):
        if name in KIND_BY_CODE:
            return KIND_BY_CODE[name]
    if http_status == 402:
        return SOFT if decline_code else UNKNOWN
    if 400 <= http_status < 500:
        return CONFIGURATION
    return KIND_BY_STATUS.get(intent_status, UNKNOWN)


def error_code(error):
    """Return the code of an error, by which :func:`failure_kind` knows it.

    >>> error_code({"type": "card_error", "code": "card_declined", "decline_code": "lost_card"})
    'card_declined'
    >>> error_code({"type": "idempotency_error", "message": "Keys can only be used with the same parameters."})
    'idempotency_error'
    >>> error_code({"code": "resource_missing", "param": "customer", "message": "No such customer: 'cus_1'"})
    'unknown_method'

    All methods are unknown to a wrong key; that is not the customer's fault:

    >>> error_code({"code": "resource_missing", "param": "customer", "message": "No such customer: 'cus_1'; a similar "
    ...             "object exists in live mode, but a test mode key was used to make this request."})
    'resource_missing'
    """
    code = error.get("code") or error.get("type") or ""
    of_method = error.get("param") in ("customer", "payment_method", "mandate")
    if code == "resource_missing" and of_method and "similar object exists" not in error.get("message", ""):
        return UNKNOWN_METHOD
    return code
