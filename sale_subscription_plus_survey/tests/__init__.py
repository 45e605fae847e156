from . import test_answers, test_automation, test_rights, test_send, test_stage
