from . import (
    home,
    invoice,
    invoice_sharing,
    payment_method,
    people,
    quotation,
    sale_orders,
    subscription,
    subscription_access,
    subscription_list,
    subscription_messages,
    subscription_request,
)
