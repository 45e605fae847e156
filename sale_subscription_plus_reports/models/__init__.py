from . import subscription_report_mixin
