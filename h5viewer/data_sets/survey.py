"""What is in a folder of pictures, and some of them as they would be stored."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial

from h5viewer.data_sets.planning import Plan, class_counts, picture_bytes, planned
from h5viewer.data_sets.reading import N_THREADS, in_order, spread, stored_picture
from h5viewer.data_sets.split_names import SPLITS
from h5viewer.errors import CannotRead
from h5viewer.formats.folder import Folder, OpenedFolder
from h5viewer.formats.plain_text import PlainText
from h5viewer.names import plain
from h5viewer.nodes import (
    Array,
    DataSetPreview,
    DataSetRecipe,
    FolderSurvey,
    PreviewedPicture,
    SkippedPicture,
)
from h5viewer.operations import Operation
from h5viewer.pictures.storing import StoredPicture
from h5viewer.requests import PreviewDataSet, Progress, SurveyFolder

_MOST_SIZES = 20
_MOST_PREVIEWED = 200
_MOST_BYTES = 64 << 20  # of all previewed pictures


def survey_folder(
    request: SurveyFolder, folder: OpenedFolder, table: PlainText | None = None
) -> Operation[FolderSurvey]:
    """Which classes and splits, how many pictures, how large some of them are.

    Raises:
        CannotRead: there are none, or the recipe makes no sense.
    """
    plan = yield from planned(folder.source, table, request.recipe, looks=True)
    training, validation, test = (len(plan.members.get(split, ())) for split in SPLITS)
    return FolderSurvey(
        recipe=plan.recipe,
        classes=class_counts(plan.classes, plan.members),
        n_training=training,
        n_validation=validation,
        n_test=test,
        has_split_folders=plan.has_split_folders,
        has_own_splits=plan.has_own_splits,
        pattern=plan.pattern,
        sizes=tuple((*size, n) for size, n in plan.looks.sizes.most_common(_MOST_SIZES)),
        n_looked_at=plan.looks.sizes.total() + len(plan.looks.refusals),
        n_bytes=plan.n_bytes,
        bytes_after=min(plan.n_pictures * picture_bytes(plan.recipe), 2**62),
        skipped=tuple(plan.skipped.first),
        n_skipped=plan.skipped.count,
        n_unreadable=len(plan.refused),
        notes=tuple(plan.notes),
    )


def preview_data_set(
    request: PreviewDataSet, folder: OpenedFolder, table: PlainText | None = None
) -> Operation[DataSetPreview]:
    """Some pictures as they would be stored.

    Raises:
        CannotRead: as `survey_folder`.
    """
    plan = yield from planned(folder.source, table, request.recipe)
    count = min(_MOST_PREVIEWED, max(1, _MOST_BYTES // _drawn_bytes(plan.recipe)), request.count)
    where = {
        member.name: (split, member.class_index)
        for split, members in plan.members.items()
        for member in members
    }
    chosen = spread(_in_class_order(plan), max(1, count), request.start)
    pictures: list[PreviewedPicture] = []
    skipped: list[SkippedPicture] = []
    with ThreadPoolExecutor(N_THREADS) as executor:
        work = partial(_looked_at, folder.source, plan.recipe)
        for name, found in zip(chosen, in_order(executor, work, iter(chosen), 16), strict=True):
            if isinstance(found, str):
                skipped.append(SkippedPicture(name=plain(name), reason=plain(found)))
            else:
                split, index = where[name]
                label = plan.classes[index] if plan.has_labels else ""
                pictures.append(
                    PreviewedPicture(
                        name=plain(name),
                        label=label,
                        split=split,
                        width=found.width,
                        height=found.height,
                        note=found.note,
                        pixels=Array.of(found.pixels),
                    )
                )
            yield Progress(done=len(pictures), total=len(chosen), unit="pictures")
    return DataSetPreview(pictures=tuple(pictures), skipped=tuple(skipped))


def _in_class_order(plan: Plan) -> list[str]:
    """So that evenly spread ones are of all classes."""
    members = [(each.class_index, each.name) for inside in plan.members.values() for each in inside]
    return [name for _, name in sorted(members)]


def _looked_at(folder: Folder, recipe: DataSetRecipe, name: str) -> StoredPicture | str:
    try:
        return stored_picture(folder, name, recipe, explains=True)
    except CannotRead as error:
        return error.message


def _drawn_bytes(recipe: DataSetRecipe) -> int:
    return recipe.width * recipe.height * 4
