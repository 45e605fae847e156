from . import mail_mail, payment_provider, payment_transaction
