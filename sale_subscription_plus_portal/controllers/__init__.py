from . import (
    invoice,
    quotation,
    sale_orders,
    subscription,
    subscription_access,
    subscription_messages,
    subscription_request,
)
