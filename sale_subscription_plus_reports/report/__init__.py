from . import (
    subscription_customer_report,
    subscription_customer_report_cohort,
    subscription_movement_report,
    subscription_movement_timeline,
    subscription_rating_report,
    subscription_report,
)
