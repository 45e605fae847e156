from . import test_enrolment, test_invoice_page, test_saved_method
