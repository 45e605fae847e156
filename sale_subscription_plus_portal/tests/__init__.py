from . import test_access, test_enrolment, test_invoice_page, test_request_page, test_requests, test_saved_method
from . import test_address_page, test_payment_method_page, test_people
from . import test_consent, test_plan_choice, test_quotation_page
from . import test_close_page, test_retention, test_self_service_pages
