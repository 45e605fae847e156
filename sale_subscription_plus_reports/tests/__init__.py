from . import test_forecast_months
