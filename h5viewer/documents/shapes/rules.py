"""Which rule tells what a layer of which class puts out."""

from __future__ import annotations

from h5viewer.documents.shapes import (
    attention,
    convolutions,
    dense,
    merging,
    pooling,
    preprocessing,
    recurrent,
    reshaping,
    tensorflow,
)
from h5viewer.documents.shapes.axes import Config, Fed, Made, Rule, ShapeUnknown, as_list, one
from h5viewer.documents.stated_shapes import as_shape


def declared_output(config: Config, fed: Fed) -> Made:
    """Lambda: the shape it declares, without batch; what its code does is not looked at."""
    stated = as_list(config.get("output_shape"))
    if config.get("output_shape_type") not in (None, "raw") or stated is None:
        raise ShapeUnknown("It runs Python code, which was not executed.")
    shape = as_shape(stated)
    if shape is None:
        raise ShapeUnknown("Its “output_shape” is not made of sizes.")
    fed_shape = fed.shapes[0] if fed.shapes else None
    return one((fed_shape[0] if fed_shape else None, *shape), None)


KEEPING = frozenset({
    "Activation", "ActivityRegularization", "AlphaDropout", "AugMix", "AutoContrast",
    "BatchNormalization", "BatchNormalizationV1", "BatchNormalizationV2", "CutMix", "Dropout",
    "ELU", "Equalization", "GaussianDropout", "GaussianNoise", "GroupNormalization", "Identity",
    "LayerNormalization", "LeakyReLU", "Masking", "MaxNumBoundingBoxes", "MixUp", "Normalization",
    "PReLU", "ParametricSoftplus", "Posterization", "RMSNormalization", "RandAugment",
    "RandomBrightness", "RandomColorDegeneration", "RandomColorJitter", "RandomContrast",
    "RandomElasticTransform", "RandomErasing", "RandomFlip", "RandomGaussianBlur",
    "RandomGrayscale", "RandomHue", "RandomInvert", "RandomPerspective", "RandomPosterization",
    "RandomRotation", "RandomSaturation", "RandomSharpness", "RandomShear", "RandomTranslation",
    "RandomZoom", "ReLU", "Rescaling", "SReLU", "Softmax", "Solarization", "SpatialDropout1D",
    "SpatialDropout2D", "SpatialDropout3D", "SyncBatchNormalization", "ThresholdedLinear",
    "ThresholdedReLU", "UnitNorm", "UnitNormalization",
})  # fmt: skip
"""Classes that put out what they are fed."""
_MERGING = "Add Subtract Multiply Average Maximum Minimum"

RULES: dict[str, Rule] = {
    **dict.fromkeys(KEEPING, reshaping.kept),
    **dict.fromkeys(_MERGING.split(), merging.merged),
    "RandomFourierFeatures": dense.dense,
    "CustomScaleLayer": merging.merged,  # of Inception-ResNet: a branch, scaled, is added
    **{f"Conv{n}D": convolutions.convolution(n) for n in (1, 2, 3)},
    **{f"Convolution{n}D": convolutions.convolution(n) for n in (1, 2, 3)},
    **{f"AtrousConvolution{n}D": convolutions.convolution(n) for n in (1, 2)},
    **{f"DepthwiseConv{n}D": convolutions.depthwise(n) for n in (1, 2)},
    **{f"SeparableConv{n}D": convolutions.separable(n) for n in (1, 2)},
    **{f"Conv{n}DTranspose": convolutions.transposed(n) for n in (1, 2, 3)},
    **{f"LocallyConnected{n}D": convolutions.local(n) for n in (1, 2)},
    **{f"UpSampling{n}D": convolutions.upsampled(n) for n in (1, 2, 3)},
    **{f"ZeroPadding{n}D": reshaping.padded(n) for n in (1, 2, 3)},
    **{f"Cropping{n}D": reshaping.cropped(n) for n in (1, 2, 3)},
    **{f"{k}Pooling{n}D": pooling.pooled(n) for k in ("Max", "Average") for n in (1, 2, 3)},
    **{
        f"Global{k}Pooling{n}D": pooling.pooled_globally(n)
        for k in ("Max", "Average")
        for n in (1, 2, 3)
    },
    **{
        f"Adaptive{k}Pooling{n}D": pooling.pooled_to(n)
        for k in ("Max", "Average")
        for n in (1, 2, 3)
    },
    **{f"ConvLSTM{n}D": recurrent.convolutional_lstm(n) for n in (1, 2, 3)},
    **{name: recurrent.recurrent(name) for name in recurrent.GATES if not name.endswith("Cell")},
    **{name: recurrent.cell(name) for name in recurrent.GATES if name.endswith("Cell")},
    "LSTMV1": recurrent.recurrent("LSTM"), "LSTMV2": recurrent.recurrent("LSTM"),
    "GRUV1": recurrent.recurrent("GRU"), "GRUV2": recurrent.recurrent("GRU"),
    "RNN": recurrent.recurrent_of_cells,
    "SeparableConvolution2D": convolutions.separable(2),
    "Deconvolution2D": convolutions.stated_transposed,
    "STFTSpectrogram": convolutions.spectrogram, "MelSpectrogram": convolutions.mel_spectrogram,
    "Dense": dense.dense, "MaxoutDense": dense.maxout_dense, "Highway": dense.highway,
    "TimeDistributedDense": recurrent.dense_over_time, "Embedding": dense.embedding,
    "ReversibleEmbedding": dense.reversible_embedding, "EinsumDense": dense.einsum_dense,
    "Attention": attention.attention, "AdditiveAttention": attention.attention,
    "MultiHeadAttention": attention.multi_head,
    "GroupedQueryAttention": attention.grouped_query,
    "GroupQueryAttention": attention.grouped_query,
    "Concatenate": merging.concatenated, "Dot": merging.dotted, "Merge": merging.merged_by_mode,
    "Flatten": reshaping.flattened, "Reshape": reshaping.reshaped, "Permute": reshaping.permuted,
    "RepeatVector": reshaping.repeated, "Lambda": declared_output,
    "Resizing": preprocessing.resized, "CenterCrop": preprocessing.resized,
    "RandomHeight": preprocessing.of_any_height, "RandomWidth": preprocessing.of_any_width,
    "RandomCrop": preprocessing.resized, "CategoryEncoding": preprocessing.encoded,
    "Hashing": preprocessing.hashed, "HashedCrossing": preprocessing.crossed,
    "Discretization": preprocessing.discretized, "StringLookup": preprocessing.looked_up,
    "IntegerLookup": preprocessing.looked_up, "TextVectorization": preprocessing.vectorized,
    "TFOpLambda": tensorflow.function_call, "SlicingOpLambda": tensorflow.function_call,
    "ClassMethod": tensorflow.function_call, "TensorFlowOpLayer": tensorflow.graph_node,
}  # fmt: skip

MULTIPLYING = frozenset(
    name
    for name, rule in RULES.items()
    if "Conv" in name or name in recurrent.GATES or "Dense" in name or "Attention" in name
) | {"RNN", "Dot", "Merge", "Highway", "Lambda", "LSTMV1", "LSTMV2", "GRUV1", "GRUV2",
     "TFOpLambda", "SlicingOpLambda", "ClassMethod", "TensorFlowOpLayer", "STFTSpectrogram",
     "MelSpectrogram", "ReversibleEmbedding", "RandomFourierFeatures"}  # fmt: skip
"""Classes whose multiply-adds depend on shapes; all others have none."""
