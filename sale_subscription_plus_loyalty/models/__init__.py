from . import (
    loyalty_program,
    sale_order,
    sale_order_discount,
    sale_order_line,
    sale_order_reading,
    sale_order_reward,
    subscription_care_run,
    subscription_change,
)
