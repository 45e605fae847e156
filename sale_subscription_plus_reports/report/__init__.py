from . import subscription_report_mixin
from . import subscription_movement_report
from . import subscription_report
