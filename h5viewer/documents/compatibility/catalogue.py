"""Layers that Keras 3 has, with the arguments it takes: the explicit list of what may be built.

Written from keras 3.15.1: every class of `keras.layers` but those that hold code or read other
files (Lambda, TFSMLayer, TorchModuleWrapper, JaxLayer, FlaxLayer) and those that no file can name
(Layer, Wrapper). `weights` and `input_tensor` are left out: a file has no use for them.
"""

from __future__ import annotations

from typing import NamedTuple

_TABLE = """
Activation: activation
ActivityRegularization: l1 l2
AdaptiveAveragePooling1D: output_size data_format
AdaptiveAveragePooling2D: output_size data_format
AdaptiveAveragePooling3D: output_size data_format
AdaptiveMaxPooling1D: output_size data_format
AdaptiveMaxPooling2D: output_size data_format
AdaptiveMaxPooling3D: output_size data_format
Add:
AdditiveAttention: use_scale dropout seed
AlphaDropout: rate noise_shape seed
Attention: use_scale score_mode dropout seed
AugMix: value_range num_chains chain_depth factor alpha all_ops interpolation seed data_format
AutoContrast: value_range data_format
Average:
AveragePooling1D: pool_size strides padding data_format
AveragePooling2D: pool_size strides padding data_format
AveragePooling3D: pool_size strides padding data_format
BatchNormalization: axis momentum epsilon center scale renorm renorm_clipping renorm_momentum
    synchronized / beta gamma moving_mean moving_variance
Bidirectional: layer merge_mode backward_layer
CategoryEncoding: num_tokens output_mode sparse
CenterCrop: height width data_format
Concatenate: axis
ContrastLimitedAdaptiveHistogramEqualization: value_range clip_limit tile_grid_size data_format
Conv1D: filters kernel_size strides padding data_format dilation_rate groups activation use_bias
    / kernel bias
Conv1DTranspose: filters kernel_size strides padding output_padding data_format dilation_rate
    activation use_bias / kernel bias
Conv2D: filters kernel_size strides padding data_format dilation_rate groups activation use_bias
    / kernel bias
Conv2DTranspose: filters kernel_size strides padding output_padding data_format dilation_rate
    activation use_bias / kernel bias
Conv3D: filters kernel_size strides padding data_format dilation_rate groups activation use_bias
    / kernel bias
Conv3DTranspose: filters kernel_size strides padding data_format output_padding dilation_rate
    activation use_bias / kernel bias
ConvLSTM1D: filters kernel_size strides padding data_format dilation_rate activation
    recurrent_activation use_bias unit_forget_bias dropout recurrent_dropout seed
    return_sequences return_state go_backwards stateful unroll zero_output_for_mask / kernel
    recurrent bias
ConvLSTM2D: filters kernel_size strides padding data_format dilation_rate activation
    recurrent_activation use_bias unit_forget_bias dropout recurrent_dropout seed
    return_sequences return_state go_backwards stateful unroll zero_output_for_mask / kernel
    recurrent bias
ConvLSTM3D: filters kernel_size strides padding data_format dilation_rate activation
    recurrent_activation use_bias unit_forget_bias dropout recurrent_dropout seed
    return_sequences return_state go_backwards stateful unroll zero_output_for_mask / kernel
    recurrent bias
Cropping1D: cropping
Cropping2D: cropping data_format
Cropping3D: cropping data_format
CutMix: factor seed data_format
Dense: units activation use_bias quantization_config / kernel bias
DepthwiseConv1D: kernel_size strides padding depth_multiplier data_format dilation_rate
    activation use_bias / depthwise bias
DepthwiseConv2D: kernel_size strides padding depth_multiplier data_format dilation_rate
    activation use_bias / depthwise bias
Discretization: bin_boundaries num_bins epsilon output_mode sparse
Dot: axes normalize
Dropout: rate noise_shape seed
ELU: alpha
EinsumDense: equation output_shape activation bias_axes quantization_config / kernel bias
Embedding: input_dim output_dim mask_zero quantization_config / embeddings
Equalization: value_range bins data_format
Flatten: data_format
GRU: units activation recurrent_activation use_bias dropout recurrent_dropout seed
    return_sequences return_state go_backwards stateful unroll reset_after use_cudnn
    zero_output_for_mask / kernel recurrent bias
GRUCell: units activation recurrent_activation use_bias dropout recurrent_dropout reset_after
    seed / kernel recurrent bias
GaussianDropout: rate seed
GaussianNoise: stddev seed
GlobalAveragePooling1D: data_format keepdims
GlobalAveragePooling2D: data_format keepdims
GlobalAveragePooling3D: data_format keepdims
GlobalMaxPooling1D: data_format keepdims
GlobalMaxPooling2D: data_format keepdims
GlobalMaxPooling3D: data_format keepdims
GroupNormalization: groups axis epsilon center scale / beta gamma
GroupedQueryAttention: head_dim num_query_heads num_key_value_heads dropout use_bias
    sliding_window flash_attention use_gate seed / kernel bias
HashedCrossing: num_bins output_mode sparse
Hashing: num_bins mask_value salt output_mode sparse
Identity:
IntegerLookup: max_tokens num_oov_indices mask_token oov_token vocabulary vocabulary_dtype
    idf_weights invert output_mode sparse pad_to_max_tokens oov_method salt vocabulary_size
LSTM: units activation recurrent_activation use_bias unit_forget_bias dropout recurrent_dropout
    seed return_sequences return_state go_backwards stateful unroll use_cudnn
    zero_output_for_mask / kernel recurrent bias
LSTMCell: units activation recurrent_activation use_bias unit_forget_bias dropout
    recurrent_dropout seed / kernel recurrent bias
LayerNormalization: axis epsilon center scale rms_scaling / beta gamma
LeakyReLU: negative_slope
Masking: mask_value
MaxNumBoundingBoxes: max_number fill_value
MaxPooling1D: pool_size strides padding data_format
MaxPooling2D: pool_size strides padding data_format
MaxPooling3D: pool_size strides padding data_format
Maximum:
MelSpectrogram: fft_length sequence_stride sequence_length window sampling_rate num_mel_bins
    min_freq max_freq power_to_db top_db mag_exp min_power ref_power
Minimum:
MixUp: alpha data_format seed
MultiHeadAttention: num_heads key_dim value_dim dropout use_bias output_shape attention_axes
    sliding_window flash_attention use_gate seed / kernel bias
Multiply:
Normalization: axis mean variance invert
PReLU: shared_axes / alpha
Permute: dims
Pipeline: layers
RMSNormalization: axis epsilon
RNN: cell return_sequences return_state go_backwards stateful unroll zero_output_for_mask
RandAugment: value_range num_ops factor interpolation seed data_format
RandomBrightness: factor value_range seed data_format
RandomColorDegeneration: factor value_range data_format seed
RandomColorJitter: value_range brightness_factor contrast_factor saturation_factor hue_factor
    seed data_format
RandomContrast: factor value_range seed data_format
RandomCrop: height width seed data_format
RandomElasticTransform: factor scale interpolation fill_mode fill_value value_range seed
    data_format
RandomErasing: factor scale fill_value value_range seed data_format
RandomFlip: mode seed data_format
RandomGaussianBlur: factor kernel_size sigma value_range data_format seed
RandomGrayscale: factor data_format seed
RandomHue: factor value_range data_format seed
RandomInvert: factor value_range seed data_format
RandomPerspective: factor scale interpolation fill_value seed data_format
RandomPosterization: factor value_range data_format seed
RandomRotation: factor fill_mode interpolation seed fill_value data_format
RandomSaturation: factor value_range data_format seed
RandomSharpness: factor value_range data_format seed
RandomShear: x_factor y_factor interpolation fill_mode fill_value data_format seed
RandomTranslation: height_factor width_factor fill_mode interpolation seed fill_value
    data_format
RandomZoom: height_factor width_factor fill_mode interpolation seed fill_value data_format
ReLU: max_value negative_slope threshold
RepeatVector: n
Rescaling: scale offset
Reshape: target_shape
Resizing: height width interpolation crop_to_aspect_ratio pad_to_aspect_ratio fill_mode
    fill_value antialias data_format
ReversibleEmbedding: input_dim output_dim tie_weights mask_zero reverse_dtype logit_soft_cap
    quantization_config / embeddings
STFTSpectrogram: mode frame_length frame_step fft_length window periodic scaling padding
    expand_dims data_format
SeparableConv1D: filters kernel_size strides padding data_format dilation_rate depth_multiplier
    activation use_bias / depthwise pointwise bias
SeparableConv2D: filters kernel_size strides padding data_format dilation_rate depth_multiplier
    activation use_bias / depthwise pointwise bias
SimpleRNN: units activation use_bias dropout recurrent_dropout return_sequences return_state
    go_backwards stateful unroll seed zero_output_for_mask / kernel recurrent bias
SimpleRNNCell: units activation use_bias dropout recurrent_dropout seed / kernel recurrent bias
Softmax: axis
Solarization: addition_factor threshold_factor value_range seed data_format
SpatialDropout1D: rate seed
SpatialDropout2D: rate data_format seed
SpatialDropout3D: rate data_format seed
SpectralNormalization: layer power_iterations
StackedRNNCells: cells
StringLookup: max_tokens num_oov_indices mask_token oov_token vocabulary idf_weights invert
    vocabulary_dtype oov_method
    output_mode pad_to_max_tokens sparse encoding salt vocabulary_size
Subtract:
TextVectorization: max_tokens standardize split ngrams output_mode output_sequence_length
    pad_to_max_tokens vocabulary idf_weights sparse ragged encoding vocabulary_size
TimeDistributed: layer
UnitNormalization: axis
UpSampling1D: size
UpSampling2D: size data_format interpolation
UpSampling3D: size data_format
ZeroPadding1D: padding data_format
ZeroPadding2D: padding data_format
ZeroPadding3D: padding data_format
"""
"""Class: arguments / what of it has an initializer, a regularizer and a constraint."""

_OTHER_NAMES = {
    "AvgPool1D": "AveragePooling1D",
    "AvgPool2D": "AveragePooling2D",
    "AvgPool3D": "AveragePooling3D",
    "Convolution1D": "Conv1D",
    "Convolution1DTranspose": "Conv1DTranspose",
    "Convolution2D": "Conv2D",
    "Convolution2DTranspose": "Conv2DTranspose",
    "Convolution3D": "Conv3D",
    "Convolution3DTranspose": "Conv3DTranspose",
    "GlobalAvgPool1D": "GlobalAveragePooling1D",
    "GlobalAvgPool2D": "GlobalAveragePooling2D",
    "GlobalAvgPool3D": "GlobalAveragePooling3D",
    "GlobalMaxPool1D": "GlobalMaxPooling1D",
    "GlobalMaxPool2D": "GlobalMaxPooling2D",
    "GlobalMaxPool3D": "GlobalMaxPooling3D",
    "GroupQueryAttention": "GroupedQueryAttention",
    "MaxPool1D": "MaxPooling1D",
    "MaxPool2D": "MaxPooling2D",
    "MaxPool3D": "MaxPooling3D",
    "SeparableConvolution1D": "SeparableConv1D",
    "SeparableConvolution2D": "SeparableConv2D",
}

_PUBLIC_NAMES = {"GroupedQueryAttention": "GroupQueryAttention"}


class Kind(NamedTuple):
    """One class: its arguments, and what has initializers (and regularizers, constraints)."""

    arguments: frozenset[str]
    roles: tuple[str, ...]


def _read(text: str) -> dict[str, Kind]:
    rows: dict[str, Kind] = {}
    for line in text.replace("\n    ", " ").strip().splitlines():
        name, _, rest = line.partition(":")
        arguments, _, roles = rest.partition("/")
        rows[name] = Kind(frozenset(arguments.split()), tuple(roles.split()))
    return rows


LAYERS: dict[str, Kind] = _read(_TABLE)

MODELS = frozenset({"Sequential", "Functional", "Model", "Network"})
"""Classes whose configuration lists layers."""

OF_APPLICATIONS = {
    "CustomScaleLayer": ("keras.src.applications.inception_resnet_v2", "scale"),
    "LayerScale": ("keras.src.applications.convnext", "init_values projection_dim"),
    "StochasticDepth": ("keras.src.applications.convnext", "drop_path_rate"),
}
"""Layers that networks of `keras.applications` bring along: module, arguments."""

RANDOM = frozenset(name for name in LAYERS if name.startswith("Random")) | {
    "AugMix", "CutMix", "MixUp", "RandAugment",
}  # fmt: skip
"""Layers that only do something while a network is trained."""


def known_name(class_name: str) -> str | None:
    """The name Keras 3 has for a built-in layer; None: it has none."""
    name = _OTHER_NAMES.get(class_name, class_name)
    return name if name in LAYERS else None


def public_name(class_name: str) -> str:
    """The name under which `keras.layers` exports a class."""
    return _PUBLIC_NAMES.get(class_name, class_name)
