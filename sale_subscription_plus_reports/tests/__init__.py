from . import test_cohort
from . import test_dashboard
from . import test_forecast
from . import test_forecast_months
from . import test_kpi
from . import test_spreadsheet
from . import test_movement_report
