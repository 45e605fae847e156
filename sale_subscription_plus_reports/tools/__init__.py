from . import cohort
from . import forecast
from . import periods
