"""Every key of a model: what it is called, what it takes, what it means."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["KEYS", "SYNONYMS", "Key"]


@dataclass(frozen=True)
class Key:
    """One key, as the reference of the configuration shows it."""

    name: str
    takes: str
    default: str
    summary: str
    example: str


KEYS = (
    Key(
        "name",
        "text",
        "`model`",
        "What the model is called, in results and as its file's name.",
        "name: flight-delay",
    ),
    Key(
        "task",
        "`binary`, `multiclass` or `regression`",
        "none",
        "What the model does. Without a task, features alone give data quality and drift.",
        "task: binary",
    ),
    Key(
        "timestamp",
        "column",
        "none",
        "When the event happened: dates, datetimes with or without zone, ISO text, Unix seconds "
        "or milliseconds. Windows go by it.",
        "timestamp: ts",
    ),
    Key(
        "id",
        "column",
        "none",
        "What identifies a prediction: finds duplicates, joins outcomes.",
        "id: flight_id",
    ),
    Key(
        "version",
        "column",
        "none",
        "Which version of the model made the prediction.",
        "version: model_version",
    ),
    Key(
        "weight",
        "column",
        "none",
        "How much a row counts. Sums go by weight, intervals by the effective number of rows; "
        "`count` stays rows.",
        "weight: sampling_weight",
    ),
    Key(
        "subject",
        "column",
        "none",
        "Whom a row is about: rows of one person belong together.",
        "subject: customer_id",
    ),
    Key(
        "timezone",
        "IANA name",
        "`UTC`",
        "Where midnight is: windows of days, weeks and months begin then, daylight saving "
        "included. Timestamps without a zone are read in it.",
        "timezone: Europe/Berlin",
    ),
    Key(
        "prediction",
        "column",
        "none",
        "What the model said: the label (classification) or the value (regression).",
        "prediction: predicted",
    ),
    Key(
        "score",
        "column; multiclass: mapping of class to column",
        "none",
        "The probability that the model gave: of the positive class, or of each class.",
        "score: probability",
    ),
    Key(
        "threshold",
        "number in [0, 1]",
        "none",
        "Derives the label where only a score is logged: positive where score >= threshold. Binary only.",
        "threshold: 0.5",
    ),
    Key(
        "outcome",
        "column",
        "none",
        "What really happened, as far as it is known; missing where it is not.",
        "outcome: delayed",
    ),
    Key(
        "positive",
        "a class",
        "inferred",
        "The class that counts as positive. Classes compare by value: `1`, `1.0` and `true` are "
        "one. Where it is not set: 1 of {0, 1} and of {-1, 1}, else the class whose word says "
        "that something happened (yes, true, churned, fraud, ...), else the rarer one; the "
        "choice is noted with its reason.",
        "positive: 1",
    ),
    Key(
        "features",
        "list of columns",
        "every other column",
        "What the model saw: watched for quality and drift.",
        "features: [dep_hour, carrier]",
    ),
    Key(
        "importance",
        "mapping of feature to number",
        "none",
        "How much the model relies on a feature (any scale, zero or more).",
        "importance: {dep_hour: 0.4, carrier: 0.1}",
    ),
    Key(
        "segments",
        "list of columns, bins, conditions, or lists of these (crossed)",
        "none",
        "Parts of the rows that are watched one by one. `bins` splits a number: edges 25 and 40 "
        "make `< 25`, `25 – 40` (25 within, 40 not) and `≥ 40`. `where` makes two segments of a "
        "condition, named `premium` and `not premium`; rows for which the condition is unknown "
        "are in the second. A list crosses its parts: `origin × carrier`.",
        "segments:\n"
        "  - carrier\n"
        "  - [origin, carrier]\n"
        "  - bins: {column: age, edges: [25, 40, 65]}\n"
        "  - where: {name: premium, condition: plan = 'gold'}",
    ),
    Key(
        "window",
        "`30min` `1h` `6h` `1d` `1w` `1mo` `1000 rows`, or null",
        "`1d`",
        "The period that is judged at once. Days begin at local midnight, weeks on Monday, "
        "months on the first; several days or weeks are counted from Monday 1970-01-05, several "
        "months from January. Hours and minutes divide the day: up to one hour by the time that "
        "passes (a day of 23 or 25 hours has as many windows of `1h`), above by the clock (`6h`: "
        "0, 6, 12, 18 o'clock). `1000 rows`: in the order of the rows. Null: all rows together.",
        "window: 1d",
    ),
    Key(
        "reference",
        "path, `first 4w`, `first 1000 rows`, `previous 4w` or `same window last year`; mapping of version to these",
        "none",
        'What "normal" is learned from. A reference passed to `check` goes before it. Each version of the model '
        "may have its own, which `watchkeeper run` compares its segments with; `default` is for all rows together, for "
        "the other versions, and for `check`.",
        "reference: {'2.0': validation-2.parquet, default: first 4w}",
    ),
    Key(
        "bands",
        "mapping of metric to band",
        "none",
        "Where a metric may be: `>= 0.88`, `<= 2 %`, `0.1 .. 0.3` or `between 0.1 and 0.3`. The "
        "key is `accuracy` (all rows), `missing_rate(visib)` (one column), `recall[carrier=UA]` "
        "(one segment), `missing_rate(visib)[origin × carrier=JFK × UA]` (both). Without a "
        "column it is for every column, `recall[carrier]` for every value; what is nearer goes "
        'first. Awkward names go into double quotes: `mean("price (net)")`. Alarm when the whole '
        "interval lies outside; with `judge: value` when the value itself does.",
        "bands:\n"
        "  accuracy: '>= 0.88'\n"
        "  missing_rate(visib): '<= 0.02'\n"
        "  recall[carrier=UA]: {band: '>= 0.8', judge: value}",
    ),
    Key(
        "costs",
        "mapping of cell to number",
        "none",
        "What each cell of the confusion matrix costs (a gain is negative): `true_positive`, "
        "`false_positive`, `true_negative`, `false_negative`. Binary only.",
        "costs: {false_negative: 12, false_positive: 1}",
    ),
    Key(
        "kpis",
        "mapping of name to `sum(expression)` or `mean(expression)`",
        "none",
        "The user's own numbers: a SQL expression over columns, added up or averaged per window.",
        "kpis: {revenue: sum(price)}",
    ),
    Key(
        "expected",
        "mapping of metric to number",
        "none",
        "What a metric should be: drawn, and judged.",
        "expected: {positive_rate: 0.2}",
    ),
    Key(
        "alpha",
        "number between 0 and 1",
        "`0.01`",
        "How likely it may be that a model of which nothing changes *ever* alarms: all series, all windows together.",
        "alpha: 0.01",
    ),
    Key(
        "budget",
        "mapping of group, or of a key as in `bands`, to a number",
        "`performance: 0.5, drift: 0.4, quality: 0.1`",
        "How `alpha` is shared among what may alarm. Groups (`performance`, `drift`, `quality`, `service`) get parts "
        "in proportion; a series gets so many times as much as the others of its group.",
        "budget: {performance: 0.7, 'recall[carrier=UA]': 3}",
    ),
    Key(
        "least_effect",
        "mapping of a key as in `bands` to a number",
        "none",
        "What is too small to be told, in the metric's own unit (a rate as a share: one point is 0.01): a change whose "
        "size is smaller is `unclear` where it would alarm by evidence, or by one window far from all others. It "
        "never makes an alarm. Bands and exact tests of data quality go by themselves.",
        "least_effect: {accuracy: 0.01, jensen_shannon: 0.05, 'mean_absolute_error[carrier=UA]': 2}",
    ),
    Key(
        "windows",
        "`exchangeable` or `independent`",
        "`exchangeable`",
        "How windows without drift relate: `exchangeable` lets them vary as the reference's do; "
        "`independent` where it is known that nothing but chance moves them.",
        "windows: exchangeable",
    ),
    Key(
        "truth",
        "mapping: `within` a time, `absent` a class or number",
        "none",
        "When outcomes are known. Where none came `within` that time after the event, the outcome was `absent`: a loan "
        "without a default was repaid. Without `absent`, it stays unknown.",
        "truth: {within: 90d, absent: 0}",
    ),
    Key(
        "grace",
        "time such as `30min`, `1h`, `2d`",
        "none",
        "How long a window stays open after its end, for rows that arrive late. An open window is shown, never judged.",
        "grace: 1h",
    ),
    Key(
        "drop",
        "list of columns",
        "none",
        "What is never stored: these columns are left out before anything leaves the process.",
        "drop: [name, email]",
    ),
    Key(
        "hash",
        "list of columns",
        "none",
        "Of what only a hash is stored, keyed by the workspace's `secret`: equal values stay equal, and nobody "
        "reads them. For features that are categories, and for `id` and `subject`.",
        "hash: [customer_id]",
    ),
    Key(
        "trained",
        "mapping of version to date or time",
        "none",
        "When each version of the model was trained, in the model's `timezone` where none is written. A version is "
        "text: write `'1.10'` in quotes.",
        "trained: {'1.0': 2025-11-03, '2.0': '2026-03-01T12:00'}",
    ),
)

# What others call it: the glossary's words, other tools' parameters, common abbreviations.
MEANT = {
    "outcome": "actual target label y_true ground_truth y target_column target_col",
    "score": "probability proba y_pred_proba scores probabilities",
    "prediction": "predicted y_pred predictions",
    "timestamp": "time date datetime timestamp_column_name",
    "timezone": "tz time_zone",
    "id": "identifier key",
    "subject": "user",
    "reference": "baseline ref",
    "window": "chunk chunk_size period granularity frequency",
    "segments": "slices slice groups",
    "bands": "tolerance tolerances thresholds limits band",
    "task": "problem_type type model_type",
    "positive": "positive_label pos_label positive_class",
    "threshold": "cutoff decision_threshold",
    "costs": "cost",
    "kpis": "kpi",
    "features": "columns feature_columns inputs",
    "weight": "weights sample_weight",
    "version": "model_version",
    "alpha": "significance",
    "budget": "alpha_spending",
    "least_effect": "smallest_effect minimum_effect min_effect effect_size",
    "importance": "importances",
    "truth": "label_delay outcome_delay delay maturity",
    "grace": "lateness watermark",
    "drop": "exclude ignore",
    "hash": "pseudonymize pseudonymise anonymize mask",
    "trained": "trained_at training_date",
}
SYNONYMS = {word: key for key, words in MEANT.items() for word in words.split()}
