from . import cohort, forecast, kpi, periods
