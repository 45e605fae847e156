from . import subscription_movement_report, subscription_report
