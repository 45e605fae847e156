from . import subscription_report_mixin
from . import subscription_forecast
from . import subscription_forecast_months
