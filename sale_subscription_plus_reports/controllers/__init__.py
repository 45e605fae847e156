from . import cohort_export
