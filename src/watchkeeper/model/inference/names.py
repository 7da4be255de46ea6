"""What columns are called: the words that give a role away."""

from __future__ import annotations

import re

__all__ = ["rank", "score_class", "stem"]

EXACT = {
    "prediction": """prediction predictions predicted pred preds y_pred ypred yhat y_hat predicted_label
        predicted_class prediction_label pred_label predicted_value predicted_outcome model_prediction model_output""",
    "score": """score scores probability prob proba y_score y_prob y_proba y_pred_proba y_pred_prob
        predicted_probability predicted_proba predicted_prob prediction_probability prediction_proba
        pred_proba pred_prob model_score positive_probability probability_positive phat p_hat
        predicted_score prediction_score""",
    "outcome": """actual actuals outcome y_true ytrue ground_truth truth true_label actual_label actual_outcome
        actual_value true_class actual_class observed target label labels y""",
    "timestamp": """timestamp ts event_time event_timestamp datetime prediction_time prediction_timestamp
        logged_at created_at occurred_at time_hour time date day event_date""",
    "id": "id uuid guid row_id record_id prediction_id request_id event_id transaction_id index unnamed_0 key rowid",
    "subject": """subject subject_id user_id customer_id client_id patient_id account_id member_id person_id
        household_id employee_id card_id""",
    "version": "model_version version model_id model_name",
    "weight": "sample_weight sampling_weight case_weight row_weight instance_weight survey_weight",
    "maybe_weight": "weight weights fnlwgt w perwt pwgtp",
    "part": "partition split fold dataset subset train_test is_train is_test",
    "person": "sex gender race ethnicity age age_group nationality religion disability marital_status",
}  # fmt: skip
AFFIXED = {
    "prediction": r"(?:predicted|prediction|pred|yhat)_(.+)|(.+)_(?:predicted|prediction|pred|hat)",
    "score": r"(?:predicted|prediction|pred|model|risk|y)_(?:\w+_)?(?:score|proba?|probability)"
    r"|(?:proba?|probability)_(.+)|(.+)_(?:proba?|probability)",
    "outcome": r"(?:actual|true|outcome|label|target)_(.+)|(.+)_(?:actual|true|outcome|label|target)",
    "id": r".*_(?:id|uuid|guid|key|no|number)",
    "subject": r"(?:user|customer|client|patient|account|member|person|card)_?(?:id|no|number|key)",
    "timestamp": r"(?:.+_)?(?:timestamp|ts|datetime|date|time|at|epoch|day|hour)(?:_.+)?",
}
# Outcomes that are called what they are.
HAPPENINGS = re.compile(
    r"(?:is_|has_|was_|will_)?(?:class|species|variety|churn|churned|default|defaulted|fraud|fraudulent|delayed|late|"
    r"survived|income|employed|click|clicked|conversion|converted|cancell?ed|readmitted|diagnosis|approved|spam|died|"
    r"death|purchased|bought|returned|response|responded|success|failure|failed|attrition|exited|quality|loan_status|"
    r"subscribed|bad|credit_risk|deposit)"
)
AMOUNTS = re.compile(r"(?:.+_)?(?:price|sales|revenue|demand|salary|value|medv|cost|load|consumption)")
NOT_SAID = re.compile(r".*_(?:id|time|date|timestamp|ts|at|version|hour)")
GROUP = (
    r"(?:y_pred_proba|predicted_probability|predicted_proba|pred_proba|probability|proba|prob|score of|score|p)"
    r"[_ .](.+)",
    r"(.+)[_ .](?:proba|prob|probability)",
)

WORDS = {role: {word: i for i, word in enumerate(words.split())} for role, words in EXACT.items()}


def rank(role: str, key: str) -> int | None:
    """How well a name fits a role, 0 is best; None where it does not.

    >>> rank("prediction", "y_pred"), rank("prediction", "predicted_price"), rank("prediction", "prediction_id")
    (5, 100, None)
    """
    if key in WORDS.get(role, {}):
        return WORDS[role][key]
    if role == "prediction" and NOT_SAID.fullmatch(key):
        return None
    if role in AFFIXED and re.fullmatch(AFFIXED[role], key):
        return 100
    if role == "outcome" and HAPPENINGS.fullmatch(key):
        return 200
    return 300 if role == "outcome" and AMOUNTS.fullmatch(key) else None


def stem(role: str, key: str) -> str | None:
    """What a name is about: ``price`` of ``predicted_price``.

    >>> stem("prediction", "price_pred"), stem("prediction", "y_pred")
    ('price', 'y')
    """
    found = re.fullmatch(AFFIXED[role], key)
    return next((g for g in found.groups() if g), None) if found else None


def score_class(pattern: int, name: str) -> str | None:
    """The class that a column of probabilities is for, by its name.

    >>> score_class(0, "proba_setosa"), score_class(1, "setosa_proba"), score_class(0, "score of setosa")
    ('setosa', 'setosa', 'setosa')
    """
    found = re.fullmatch(GROUP[pattern], name, re.IGNORECASE)
    return found[1] if found else None
