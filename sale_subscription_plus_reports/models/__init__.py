from . import base_cohort, ir_actions_act_window_view, ir_ui_view
from . import subscription_report_mixin
from . import subscription_forecast
from . import subscription_forecast_months
