"""Which of the numbers in the names of files counts epochs or steps."""

from __future__ import annotations

import re
from collections.abc import Sequence

from h5viewer.series.members import Member
from h5viewer.series.numbered_names import Number, NumberedName

Group = list[tuple[Member, NumberedName]]
"""Saved states whose names differ in numbers alone."""

EDGES = "-_.,;=:@ ()[]{}/\\"
"""What stands between words and numbers."""

_EPOCH = re.compile(r"(?:(?<![a-z])(?:epochs?|ep|e)|エポック)[-_=:. ]*$", re.IGNORECASE)
_STEP = re.compile(
    r"(?<![a-z])(?:global_?steps?|steps?|iter(?:ations?|s)?|it|batch|updates?|episodes?|"
    r"ckpt|checkpoint)[-_=:. ]*$",
    re.IGNORECASE,
)
_AFTER = re.compile(
    r"^[-_ ]?(?:th_?)?(?:(epochs?|ep|steps?|iter(?:ations?|s)?)(?![a-z])|[轮輪]|エポック)",
    re.IGNORECASE,
)
_SETTING = re.compile(
    r"(?:^|[^a-z])(?:seed|fold|split|bs|batch_?size|lr|dims?|units|hidden|filters|classes|rank|"
    r"latent|neurons|nodes)"
    r"[-_=:. ]*$|\($",  # and what "model (1)" counts: copies
    re.IGNORECASE,
)

_VERSION = re.compile(r"(?:^|[^a-z])v(?:er(?:sion)?)?[-_=:. ]*$", re.IGNORECASE)
_HOURS = re.compile(r"(?:h|[-_ ]?(?:hrs?|hours?))(?![^\W_])", re.IGNORECASE)
_BATCH = re.compile(r"[-_. ]*b(?:atch)?[-_=:. ]*", re.IGNORECASE)  # "01-b100", "e01_batch100"
_PART = re.compile(r"[-_ ]?of[-_ ]?$", re.IGNORECASE)  # of one network: "tf_model-00001-of-00002"


def epoch_column(group: Group) -> int | None:
    """The number that counts; None: none does."""
    whole = [each for each in counting_columns(group) if _counts(group, each)]
    whole = [each for each in whole if each - 1 not in whole or not _is_batch(group, each)]
    if not whole:
        return None
    _, name = group[0]
    found = {unit_of(name, each): each for each in reversed(whole)}
    epoch, step = found.get("epoch"), found.get("step")
    if step is not None and (
        epoch is None
        or (_differs(group, step) and not _differs(group, epoch) and goes_on(group, [epoch], step))
    ):
        return step
    if epoch is not None:
        return epoch
    return next((each for each in whole if _differs(group, each)), whole[-1])


def counting_columns(group: Group) -> list[int]:
    """The whole numbers that vary."""
    return [each for each in varying_columns(group) if is_whole(group, each)]


def varying_columns(group: Group) -> list[int]:
    """The numbers that are not the same in all names."""
    _, first = group[0]
    return [
        each
        for each in range(len(first.numbers))
        if len({name.numbers[each].text for _, name in group}) > 1
    ]


def is_whole(group: Group, column: int) -> bool:
    """Whether a number has no fraction in any name."""
    return all(name.numbers[column].is_whole for _, name in group)


def is_setting(name: NumberedName, column: int) -> bool:
    """Whether the words before a number say that it was chosen: a learning rate, a fold."""
    return _SETTING.search(without_unit(name, column)) is not None


def goes_on(group: Group, columns: Sequence[int], column: int) -> bool:
    """Whether a number counts on where the others rise: steps in the next epoch."""
    found = sorted(
        (name.numbers[column].whole, [_rank(name.numbers[each]) for each in columns])
        for _, name in group
    )
    ranks = [rank for _, rank in found]
    return ranks == sorted(ranks)


def counts_beside(group: Group, column: int, other: int) -> bool:
    """Whether a number counts, too, beside the one that does: batches of an epoch."""
    _, name = group[0]
    return bool(unit_of(name, other)) or (other == column + 1 and _is_batch(group, other))


def unit_of(name: NumberedName, column: int) -> str:
    """By the words around a number: "epoch", "step" or "", which is unknown."""
    after = _word_behind(name, column)
    if after is not None:
        is_step = after[1] is not None and not after[1].lower().startswith("ep")
        return "step" if is_step else "epoch"
    before = without_unit(name, column)
    if _EPOCH.search(before):
        return "epoch"
    return "step" if _STEP.search(before) else ""


def other_unit_of(name: NumberedName, column: int) -> str:
    """What is counted in the place of epochs and steps: "hour" of `13h`, "version" of `v3`, ""."""
    after = name.texts[column + 1]
    hours = _HOURS.match(after)
    if hours is not None and (hours.end() < len(after) or column + 1 == len(name.numbers)):
        return "hour"
    is_version = _VERSION.search(without_unit(name, column)) and not unit_of(name, column)
    return "version" if is_version else ""


def without_unit(name: NumberedName, column: int) -> str:
    """The text before a number, without what is said there of the number before that."""
    text = name.texts[column]
    found = _word_behind(name, column - 1) if column else None
    return text if found is None else text[found.end() :]


def without_counting_word(text: str) -> str:
    """A text without "epoch", "step" and the like at its end, unless it is nothing else."""
    text = text.rstrip(EDGES).removesuffix("第").rstrip(EDGES)
    if _EPOCH.fullmatch(text):
        return ""
    for words in (_EPOCH, _STEP, _VERSION):
        found = words.search(text)
        if found is not None and found.start() > 0:
            text = text[: found.start()]
    return text.strip(EDGES)


def _word_behind(name: NumberedName, column: int) -> re.Match[str] | None:
    """`07epoch_`; not `05-step=100`, `vgg16_epoch1`, where the word belongs to what follows."""
    text = name.texts[column + 1]
    found = _AFTER.match(text)
    if found is None or column + 1 == len(name.numbers) or text[found.end() :].strip(EDGES):
        return found
    touches = text[0] not in EDGES and found.end() < len(text)
    return found if touches or not name.numbers[column + 1].is_whole else None


def _counts(group: Group, column: int) -> bool:
    """Whether a number may count: zeros fill it up to one width, not 012 and 0256."""
    numbers = [name.numbers[column] for _, name in group]
    texts = [number.text for number in numbers if number.text.isdecimal()]
    if len({len(text) for text in texts if len(text) > 1 and text.startswith("0")}) > 1:
        return False
    _, name = group[0]
    if unit_of(name, column):
        return True
    if column + 1 < len(name.numbers) and _PART.match(name.texts[column + 1]):
        return False
    return not is_setting(name, column) and not all(number.may_be_time for number in numbers)


def _rank(number: Number) -> tuple[str, float]:
    return (number.text, 0.0) if number.is_time else ("", number.value)


def _is_batch(group: Group, column: int) -> bool:
    """Whether a number is said to count batches of what the one before it counts."""
    _, name = group[0]
    return column > 0 and _BATCH.fullmatch(name.texts[column]) is not None


def _differs(group: Sequence[tuple[Member, NumberedName]], column: int) -> bool:
    """Whether a number is another in each name."""
    return len({name.numbers[column].text for _, name in group}) == len(group)
