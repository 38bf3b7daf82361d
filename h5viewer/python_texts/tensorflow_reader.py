"""A pipeline of tf.data."""

from __future__ import annotations

from collections.abc import Iterator

from h5viewer.nodes import Augmentation, PictureSet
from h5viewer.nodes.picture_sets import WITH_ALPHA
from h5viewer.python_texts.augmentation import has_brightness, layer_lines
from h5viewer.python_texts.literals import number
from h5viewer.python_texts.reading import picture_axis


def pipeline_lines(
    shown: PictureSet, change: Augmentation | None, batch: int, workers: int
) -> Iterator[str]:
    """`pictures(images, labels)`, with `augment` before it."""
    layout, has_labels = shown.layout, shown.labels is not None
    labels = "labels, " if has_labels else ""
    augments = ", augments=False" if change is not None else ""
    layers = layer_lines(change) if change is not None else []
    if layers:
        yield "augment = keras.Sequential("
        yield "    ["
        yield from (f"        {line}" for line in layers)
        yield "    ]"
        yield ")"
        yield ""
        yield ""
    yield f"def pictures(images, {labels}batch_size={batch}, shuffle=True{augments}):"
    yield '    """Batches for model.fit, in another order each epoch."""'
    yield '    with h5py.File(FILE, "r") as file:'
    yield f"        n = file[images].shape[{picture_axis(layout)}]"
    if has_labels:
        yield "    classes = read_classes(labels, n)"
    yield ""
    yield "    def read(chosen):"
    yield "        return read_pictures(images, np.sort(chosen))"
    yield ""
    yield "    def batch(chosen):"
    yield "        x = tf.numpy_function(read, [chosen], tf.float32)"
    yield f"        x.set_shape([None, {layout.height}, {layout.width}, {layout.channels}])"
    if change is not None:
        yield "        if augments:"
        if layers:
            yield "            x = augment(x, training=True)"
        if has_brightness(change):
            low, high = number(change.brightness_low), number(change.brightness_high)
            yield f"            gain = tf.random.uniform([tf.shape(x)[0], 1, 1, 1], {low}, {high})"
            if layout.channels == WITH_ALPHA:
                yield "            gain = tf.concat([gain, gain, gain, tf.ones_like(gain)], -1)"
            yield "            x = tf.clip_by_value(x * gain, 0, 1)"
    if has_labels:
        yield "        return x, tf.gather(classes, tf.sort(chosen))"
    else:
        yield "        return x"
    yield ""
    yield "    indices = tf.data.Dataset.range(n)"
    yield "    if shuffle:"
    yield "        indices = indices.shuffle(n)"
    yield "    batches = indices.batch(batch_size)"
    yield f"    return batches.map(batch, num_parallel_calls={workers}).prefetch(2)"
