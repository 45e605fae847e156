from . import subscription_customer_report
from . import subscription_customer_cohort
from . import subscription_movement_report, subscription_report
from . import subscription_movement_timeline
