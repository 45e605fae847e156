from . import test_enrolment, test_invoice_page, test_requests, test_saved_method
