"""Networks built by Keras itself, with what it makes of them; keras_shapes asks for them.

Each answer is {"config": configuration, "layers": {name: [[shape, ...] for each call]}}.
"""

from __future__ import annotations

import json
from typing import Any


def answers(name: str) -> list[Any]:
    """Build every network, in order, with "keras" or "tf_keras"."""
    if name == "tf_keras":
        import tf_keras as keras

        models = [functions(keras), shared(keras), sequential(keras)]
    else:
        import keras

        models = [operations(keras), shared(keras), sequential(keras)]
    return [answer(model) for model in models]


def operations(keras: Any) -> Any:
    """Keras 3 operations on symbolic tensors."""
    ops = keras.ops
    a, b = keras.Input((8, 6), name="a"), keras.Input((8, 6), name="b")
    vector, image = keras.Input((6,), name="v"), keras.Input((12, 10, 3), name="i")
    free = keras.Input((None, 6), name="f")
    parts, heads = ops.split(a, 2, axis=1), ops.reshape(a, (-1, 8, 2, 3))
    at_places = ops.split(a, [1, 5], axis=-1)
    outputs = [
        a[:, 1:5, None, ...], a[:, -1], a[..., ::2], a[:, 2:3, 0], a[:, ::-1],
        ops.matmul(a, ops.transpose(b, (0, 2, 1))), ops.einsum("bij,bkj->bik", a, b),
        ops.concatenate([parts[0], parts[1] * 2.0], axis=-1), *at_places,
        a + ops.convert_to_tensor([1.0, 2, 3, 4, 5, 6]), 2.0 - a, a / b, ops.maximum(a, 0.0),
        ops.reshape(a, (-1, 48)), ops.reshape(a, (-1, 4, 12)), ops.reshape(free, (-1, 3, 2)),
        ops.expand_dims(a, 1), ops.expand_dims(a, (1, -1)), ops.squeeze(a[:, :1], 1),
        ops.stack([a, b], axis=2), ops.mean(a, axis=-1), ops.sum(a, axis=(1, 2), keepdims=True),
        ops.max(a, axis=1), ops.argmax(a, axis=-1), ops.swapaxes(a, 1, 2),
        ops.moveaxis(a, 1, -1), ops.tile(a, (1, 2, 3)), ops.repeat(a, 3, axis=1),
        ops.pad(a, ((0, 0), (1, 2), (0, 3))), ops.one_hot(ops.argmax(a, axis=-1), 5),
        ops.take(a, [0, 2, 4], axis=1), ops.relu(a), ops.softmax(a), ops.gelu(vector),
        ops.tensordot(a, vector, axes=[[2], [1]]), ops.image.resize(image, (6, 5)),
        ops.image.rgb_to_grayscale(image), ops.max_pool(image, 2),
        ops.average_pool(image, 3, strides=2, padding="same"), ops.top_k(vector, 2)[0],
        ops.logsumexp(a, axis=1), ops.cumsum(a, axis=1), ops.where(a > 0, a, b), ops.sqrt(free),
        ops.normalize(free), ops.flip(a, axis=1), ops.broadcast_to(vector[:, None, :], (2, 8, 6)),
        *ops.unstack(vector, axis=1), ops.var(a, axis=0), ops.dot(a, ops.ones((6, 4))),
        ops.norm(a, axis=-1), ops.norm(a, axis=(1, 2), keepdims=True), ops.hstack([a, b]),
        ops.vstack([a, b]), ops.inner(a, ops.ones((3, 6))), ops.diff(a, axis=1), ops.diff(a, n=2),
        ops.multi_hot(ops.argmax(a, axis=-1), 5), ops.rot90(image, axes=(1, 2)),
        ops.rot90(image, k=3, axes=(2, 1)), ops.dot_product_attention(heads, heads, heads),
        ops.image.extract_patches(image, 3), ops.image.extract_patches(image, (2, 3), 1, 2, "same"),
        ops.image.crop_images(image, 1, 2, target_height=5, target_width=4),
        ops.image.crop_images(image, 1, 2, 3, 4), ops.image.pad_images(image, 1, 2, 3, 4),
        ops.image.pad_images(image, 1, 2, target_height=15, target_width=14),
        ops.depthwise_conv(image, ops.ones((3, 2, 3, 2)), 2, "same"),
        ops.conv(image, ops.ones((3, 2, 3, 5)), dilation_rate=2),
        keras.layers.LSTM(4)(a, initial_state=[vector[:, :4], vector[:, 2:]]),
        *keras.layers.MultiHeadAttention(2, 3)(a, a, return_attention_scores=True),
        keras.layers.MultiHeadAttention(2, 3)(query=free, value=a, use_causal_mask=True),
    ]  # fmt: skip
    return keras.Model([a, b, vector, image, free], outputs)


def functions(keras: Any) -> Any:
    """TensorFlow functions on symbolic tensors, as tf.keras writes them."""
    import tensorflow as tf

    a, b = keras.Input((8, 6), name="a"), keras.Input((8, 6), name="b")
    vector, image = keras.Input((6,), name="v"), keras.Input((12, 10, 3), name="i")
    parts, by_size = tf.split(a, 2, axis=1), tf.split(a, [1, 2, -1], axis=2)
    batch = tf.shape(a)[0]
    outputs = [
        a[:, 1:5, None, ...], a[:, -1], a[..., ::2], a[:, 2:3, 0],
        tf.matmul(a, tf.transpose(b, (0, 2, 1))), tf.matmul(a, b, transpose_b=True),
        tf.concat([parts[0], parts[1] * 2.0], axis=-1), *by_size,
        2.0 * a + tf.constant([1.0, 2, 3, 4, 5, 6]), a - b, -a, a / 2.0, tf.maximum(a, 0.0),
        tf.reshape(a, (-1, 48)), tf.reshape(a, (batch, 4, 12)), tf.expand_dims(a, -1),
        tf.squeeze(a[:, :1], 1), tf.stack([a, b], axis=1), tf.reduce_mean(a, axis=-1),
        tf.reduce_sum(a, axis=[1], keepdims=True), tf.reduce_max(a, axis=[1, 2]),
        tf.argmax(a, -1), tf.tile(a, [1, 2, 3]), tf.pad(a, [[0, 0], [1, 2], [0, 3]]),
        tf.one_hot(tf.argmax(a, -1), 5), tf.gather(a, [0, 2], axis=1), tf.nn.relu(a),
        tf.nn.softmax(a), tf.cast(a, "float16"), tf.clip_by_value(a, 0.0, 1.0), tf.abs(vector),
        tf.image.resize(image, (6, 5)), tf.math.l2_normalize(a, axis=-1), tf.square(a),
        *tf.unstack(a, axis=1), keras.backend.sum(a, axis=1), tf.tensordot(a, vector, [[2], [1]]),
        tf.nn.max_pool2d(image, 2, 2, "SAME"), tf.nn.avg_pool2d(image, [1, 3, 2, 1], 2, "VALID"),
        tf.nn.conv2d(image, tf.ones((3, 2, 3, 5)), 2, "SAME"),
        tf.nn.depthwise_conv2d(image, tf.ones((3, 2, 3, 2)), [1, 1, 1, 1], "VALID"),
        tf.nn.space_to_depth(image, 2), tf.nn.depth_to_space(tf.tile(image, [1, 1, 1, 4]), 2),
        tf.image.extract_patches(image, [1, 3, 3, 1], [1, 2, 2, 1], [1, 1, 1, 1], "VALID"),
        tf.image.rgb_to_grayscale(image), tf.image.flip_left_right(image), tf.sort(a, axis=1),
        tf.image.grayscale_to_rgb(image[..., :1]), tf.image.adjust_contrast(image, 2.0),
        tf.image.crop_to_bounding_box(image, 1, 2, 4, 3), tf.nn.local_response_normalization(image),
        tf.image.adjust_brightness(image, 0.1), tf.repeat(a, 3, axis=1), tf.roll(a, 1, axis=1),
        *tf.nn.moments(a, [1]), keras.backend.permute_dimensions(a, (0, 2, 1)),
        keras.backend.repeat_elements(a, 2, axis=1),
        keras.backend.resize_images(image, 2, 3, "channels_last"), keras.backend.mean(a, axis=-1),
        keras.backend.concatenate([a, b]), keras.backend.flatten(a), tf.asin(vector),
        keras.layers.LSTM(4)(a, initial_state=[vector[:, :4], vector[:, 2:]]),
        *keras.layers.MultiHeadAttention(2, 3)(a, a, return_attention_scores=True),
        keras.layers.MultiHeadAttention(2, 3)(query=b, value=a),
    ]  # fmt: skip
    return keras.Model([a, b, vector, image], outputs)


def shared(keras: Any) -> Any:
    """Models inside a model, called more than once, on inputs of different sizes."""
    layers = keras.layers
    inside = keras.Input((None, None, 3))
    x = layers.Conv2D(4, 3, padding="same")(inside)
    trunk = keras.Model(inside, [layers.MaxPooling2D()(x), layers.GlobalMaxPooling2D()(x)],
                        name="trunk")  # fmt: skip
    head = keras.Sequential([layers.Dense(5), layers.ReLU(), layers.Dense(2)], name="head")
    tower = keras.Sequential([keras.Input((4,)), layers.Dense(3)], name="tower")
    a, b = keras.Input((16, 12, 3), name="a"), keras.Input((8, 8, 3), name="b")
    (map_a, far_a), (map_b, far_b) = trunk(a), trunk(b)
    both = layers.Concatenate(name="both")([head(far_a), head(far_b), tower(far_a), tower(far_b)])
    shared_dense = layers.Dense(7, name="shared")
    flat = [layers.Flatten(name="flat")(map_a), layers.GlobalAveragePooling2D()(map_b)]
    twice = [shared_dense(far_a), shared_dense(both[:, :4])]
    return keras.Model([a, b], [both, *flat, *twice, map_b], name="outer")


def sequential(keras: Any) -> Any:
    """A Sequential with a model and wrappers inside."""
    layers = keras.layers
    step = keras.Sequential([keras.Input((6, 6, 1)), layers.Conv2D(2, 3), layers.Flatten()])
    return keras.Sequential([
        keras.Input((5, 6, 6, 1)), layers.TimeDistributed(step),
        layers.Bidirectional(layers.LSTM(4, return_sequences=True)), layers.Dropout(0.5),
        layers.GRU(3), layers.Dense(2, activation="softmax"),
    ])  # fmt: skip


def answer(model: Any) -> Any:
    """Its configuration and the shapes of all calls that belong to it."""
    text = model.to_json()
    nodes = [node for depth in model._nodes_by_depth.values() for node in depth] if hasattr(
        model, "_nodes_by_depth") else []  # fmt: skip
    layers: dict[str, list[Any]] = {}
    for layer in getattr(model, "operations", None) or model.layers:
        owned = [node for node in layer._inbound_nodes if not nodes or node in nodes]
        layers[layer.name] = [shapes(node) for node in owned]
    return {"config": json.loads(text), "layers": layers}


def shapes(node: Any) -> list[list[int | None]]:
    """Of everything one call puts out."""
    tensors = node.output_tensors if hasattr(node, "output_tensors") else node.outputs
    return [list(tensor.shape) for tensor in flat(tensors)]


def flat(value: Any) -> list[Any]:
    """Tensors in lists of lists."""
    if isinstance(value, list | tuple):
        return [each for inner in value for each in flat(inner)]
    return [value]
