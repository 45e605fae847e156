from . import cohort
from . import forecast
from . import kpi
from . import periods
