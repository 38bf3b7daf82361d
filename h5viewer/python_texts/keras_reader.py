"""A `PyDataset` of Keras, and its layers that change pictures."""

from __future__ import annotations

from collections.abc import Iterator

from h5viewer.nodes import Augmentation, PictureSet
from h5viewer.nodes.picture_sets import WITH_ALPHA
from h5viewer.python_texts.augmentation import has_brightness, layer_lines
from h5viewer.python_texts.literals import number
from h5viewer.python_texts.reading import picture_axis


def dataset_lines(shown: PictureSet, batch: int, *, is_generated: bool) -> Iterator[str]:
    """`Pictures`; `is_generated`: changed by `generator`, where that is asked for."""
    has_labels = shown.labels is not None
    what = "(pictures, classes)" if has_labels else "pictures"
    labels = "labels, " if has_labels else ""
    augments = ", augments=False" if is_generated else ""
    yield "class Pictures(keras.utils.PyDataset):"
    yield f'    """Batches of {what}, in another order each epoch."""'
    yield ""
    yield (
        f"    def __init__(self, images, {labels}batch_size={batch}, shuffle=True{augments}, "
        "**options):"
    )
    yield "        super().__init__(**options)"
    yield "        self.images, self.batch_size, self.shuffle = images, batch_size, shuffle"
    if is_generated:
        yield "        self.augments = augments"
    yield '        with h5py.File(FILE, "r") as file:'
    yield f"            self.order = np.arange(file[images].shape[{picture_axis(shown.layout)}])"
    if has_labels:
        yield "        self.classes = read_classes(labels, len(self.order))"
    yield "        self.epoch = 0"
    yield "        self.on_epoch_end()"
    yield ""
    yield "    def __len__(self):"
    yield "        return math.ceil(len(self.order) / self.batch_size)"
    yield ""
    yield "    def __getitem__(self, batch):"
    yield "        start = batch * self.batch_size"
    yield "        chosen = np.sort(self.order[start : start + self.batch_size])"
    yield "        x = read_pictures(self.images, chosen)"
    if is_generated:
        yield "        if self.augments:"
        yield "            random = np.random.default_rng([self.epoch, batch])"
        yield "            seeds = random.integers(2**31, size=len(x))"
        yield "            changed = ["
        yield "                generator.random_transform(picture * 255, seed=int(seed))"
        yield "                for picture, seed in zip(x, seeds)"
        yield "            ]"
        yield '            x = (np.stack(changed) / 255).astype("float32")'
    yield "        return x, self.classes[chosen]" if has_labels else "        return x"
    yield ""
    yield "    def on_epoch_end(self):"
    yield "        self.epoch += 1"
    yield "        if self.shuffle:"
    yield "            np.random.default_rng(self.epoch).shuffle(self.order)"


def augment_lines(change: Augmentation, channels: int) -> Iterator[str]:
    """`augment`, a model of layers to begin another with."""
    layers = layer_lines(change)
    if has_brightness(change):
        low, high = number(change.brightness_low), number(change.brightness_high)
        layers.append(f"RandomGain({low}, {high}),")
        yield "@keras.saving.register_keras_serializable()"
        yield "class RandomGain(keras.layers.Layer):"
        yield '    """Multiplies brightness, for which Keras has no layer of its own."""'
        yield ""
        yield "    def __init__(self, low, high, **options):"
        yield "        super().__init__(**options)"
        yield "        self.low, self.high = low, high"
        yield "        self.seed = keras.random.SeedGenerator()"
        yield ""
        yield "    def call(self, x, training=False):"
        yield "        if not training:"
        yield "            return x"
        yield "        shape = (keras.ops.shape(x)[0], 1, 1, 1)"
        yield "        gain = keras.random.uniform(shape, self.low, self.high, seed=self.seed)"
        if channels == WITH_ALPHA:
            yield "        ones = keras.ops.ones_like(gain)  # what is seen through stays so"
            yield "        gain = keras.ops.concatenate([gain, gain, gain, ones], axis=-1)"
        yield "        return keras.ops.clip(x * gain, 0, 1)"
        yield ""
        yield "    def get_config(self):"
        yield '        return {**super().get_config(), "low": self.low, "high": self.high}'
        yield ""
        yield ""
    yield "augment = keras.Sequential("
    yield "    ["
    yield from (f"        {line}" for line in layers)
    yield "    ],"
    yield '    name="augment",'
    yield ")"
