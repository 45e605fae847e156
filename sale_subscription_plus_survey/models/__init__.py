from . import (
    ir_actions_server,
    sale_order,
    subscription_stage,
    subscription_survey_answer,
    survey_survey,
    survey_user_input,
)
