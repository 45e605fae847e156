from . import account_move, account_move_line
from . import base_cohort, ir_actions_act_window_view, ir_ui_view
from . import subscription_report_mixin
from . import subscription_event
from . import subscription_movement_sql
from . import subscription_kpi, subscription_kpi_figures, subscription_kpi_contracts, subscription_kpi_revenue
from . import subscription_kpi_charts, subscription_kpi_records, subscription_kpi_texts
from . import subscription_forecast
from . import subscription_forecast_months
from . import subscription_forecast_records
from . import subscription_kpi_dashboard
from . import ir_ui_menu
from . import subscription_kpi_salespeople
