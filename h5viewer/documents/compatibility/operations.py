"""Operations of Keras 3 (keras.ops as nodes of a network): the explicit list of what may be built.

Written from keras 3.15.1. Left out are those that take functions (Map, Cond, WhileLoop …), losses,
and what makes something random.
"""

from __future__ import annotations

from h5viewer.documents.compatibility.place import Made, Place, Work
from h5viewer.documents.compatibility.values import NotPlain, Plain, plain_value
from h5viewer.documents.json_text import table
from h5viewer.names import visible

_TABLE = """
core
- SliceUpdate StopGradient
shape: Scatter Slice
reduction: ScatterUpdate
num axis: Unstack
dtype: Cast SaturateCast
image
data_format: RGBToGrayscale RGBToHSV HSVToRGB SobelEdges
size interpolation antialias crop_to_aspect_ratio pad_to_aspect_ratio fill_mode fill_value
    data_format: Resize
interpolation fill_mode fill_value data_format: AffineTransform
size strides dilation_rate padding data_format: ExtractPatches
order fill_mode fill_value: MapCoordinates
top_padding left_padding bottom_padding right_padding target_height target_width data_format:
    PadImages
top_cropping left_cropping bottom_cropping right_cropping target_height target_width
    data_format: CropImages
interpolation fill_value data_format: PerspectiveTransform
kernel_size sigma data_format: GaussianBlur
spatial_dims method antialias: ScaleAndTranslate
max_val filter_size filter_sigma k1 k2 data_format: SSIM
linalg
- Det Eig Eigh Inv LuFactor Solve
upper: Cholesky CholeskyInverse
ord axis keepdims: Norm
mode: Qr
lower: SolveTriangular
full_matrices compute_uv: SVD
rcond: Lstsq Pinv
tol: MatrixRank
math
- CDist FFT FFT2 IFFT2 Rsqrt Erf Erfc Erfinv Logdet ViewAsComplex ViewAsReal
num_segments sorted: SegmentSum SegmentMax SegmentMin SegmentProd
k sorted: TopK
k: InTopK
axis keepdims: Logsumexp
sequence_length sequence_stride: ExtractSequences
fft_length: RFFT IRFFT
sequence_length sequence_stride fft_length window center: STFT
sequence_length sequence_stride fft_length length window center: ISTFT
nn
- Relu Relu6 Sigmoid SparseSigmoid Softplus Softsign SparsePlus Silu LogSigmoid HardSigmoid
    HardSilu Selu TanhShrink HardTanh Polar
threshold: SoftShrink HardShrink
b: Squareplus
negative_slope: LeakyRelu
alpha: Elu Celu
approximate: Gelu
axis: Glu Softmax LogSoftmax Sparsemax
threshold default_value: Threshold
pool_size strides padding data_format: MaxPool AveragePool
output_size data_format: AdaptiveMaxPool AdaptiveAveragePool
strides padding data_format dilation_rate: Conv DepthwiseConv SeparableConv
strides padding output_padding data_format dilation_rate: ConvTranspose
num_classes axis dtype sparse: OneHot MultiHot
axes keepdims synchronized: Moments
axis epsilon: BatchNorm RMSNorm
axis order epsilon: Normalize
max_val: PSNR
is_causal flash_attention attn_logits_soft_cap: DotProductAttention
axis epsilon rms_scaling: LayerNorm
kernel_size dilation padding stride: Unfold
output_size kernel_size dilation padding stride: Fold
block_size data_format: DepthToSpace SpaceToDepth
numpy
- Absolute Abs Fabs Add Angle Arccos Arccosh Arcsin Arcsinh Arctan Arctan2 Arctanh Heaviside
    BitwiseAnd BitwiseInvert BitwiseNot BitwiseOr BitwiseXor BitwiseLeftShift LeftShift
    BitwiseRightShift RightShift Cbrt Ceil Conjugate Conj Copy Cos Cosh Deg2rad Rad2deg Digitize
    Dot Dstack Equal Exp Exp2 Expm1 Fliplr Flipud Floor Gcd GetItem Greater GreaterEqual Hstack
    Hypot Imag I0 Isfinite Isinf Isnan Isneginf Isposinf Isreal Kron Lcm Ldexp Less LessEqual
    Log Log10 Log1p Log2 Logaddexp Logaddexp2 LogicalAnd LogicalNot LogicalOr Matmul Maximum
    Fmax Minimum Fmin Mod Fmod Ndim Nonzero NotEqual Outer Ravel Real Reciprocal Sign Signbit
    Sin Sinc Sinh Size Tan Tanh Trunc Vdot Inner Vstack Where Subtract Multiply Divide
    DivideNoNan TrueDivide Power Negative Nextafter Square Sqrt FloorDivide LogicalXor Corrcoef
    Select Slogdet
k axes: Rot90
axis keepdims: All Any Amax Amin Argmax Argmin Median Nanargmax Nanargmin Nanmax Nanmean
    Nanmedian Nanmin Nanprod Nanstd Nansum Nanvar Ptp Std Mean Var Sum
rtol atol equal_nan: AllClose
axis: Append Argsort Average Concatenate CountNonzero ExpandDims Flip Sort Stack Take
    TakeAlongAxis Squeeze
dtype: Arange EmptyLike FullLike OnesLike ZerosLike
weights minlength sparse: Bincount
shape: BroadcastTo UnravelIndex
x_min x_max: Clip
axisa axisb axisc axis: Cross
axis dtype: Cumprod Cumsum Nancumsum Nancumprod
k: Diag Diagflat Tril Triu
offset axis1 axis2: Diagonal Trace
n axis: Diff
subscripts: Einsum
shape dtype: Full
num endpoint dtype axis: Geomspace
indices_or_sections: Hsplit Vsplit Dsplit
equal_nan: Isclose
assume_unique invert: IsIn
num endpoint retstep dtype axis: Linspace
num endpoint base dtype axis: Logspace
axis keepdims initial: Max Min
indexing: Meshgrid
source destination: Moveaxis
axis method keepdims: Nanpercentile Nanquantile Percentile Quantile
nan posinf neginf: NanToNum
pad_width mode: Pad
axis keepdims dtype: Prod
repeats axis: Repeat
newshape: Reshape
shift axis: Roll
decimals: Round
side: SearchSorted
indices_or_sections axis: Split ArraySplit
axis1 axis2: Swapaxes
axes: Tensordot Transpose
repeats: Tile
x dx axis: Trapezoid
N increasing: Vander
mode: Correlate
kth axis: Argpartition
bins range: Histogram
sorted return_index return_inverse return_counts axis size fill_value: Unique
"""
"""Module, then: arguments: operations that take them ("-": none)."""


def _read(text: str) -> dict[str, tuple[str, frozenset[str]]]:
    rows: dict[str, tuple[str, frozenset[str]]] = {}
    module = ""
    for line in text.replace("\n    ", " ").strip().splitlines():
        arguments, _, names = line.removeprefix("- ").partition(":")
        if line.startswith("- "):
            names, arguments = arguments, ""
        elif not names:
            module = arguments
            continue
        for name in names.split():
            rows[name] = (f"keras.src.ops.{module}", frozenset(arguments.split()))
    return rows


OPERATIONS: dict[str, tuple[str, frozenset[str]]] = _read(_TABLE)
"""Operation: module, arguments of its making (not of its calls)."""


def operation(name: str, title: str, **arguments: Plain) -> Made:
    """An operation of the table, called `title` in the network."""
    module, known = OPERATIONS[name]
    assert known >= arguments.keys(), name
    return Made(name, {"name": title, **arguments}, module, takers=())


def is_operation(entry: dict[str, object]) -> bool:
    """True for an operation among the layers.

    A .h5 file of Keras 3 says "Add" for the layer and for the operation; only layers say whether
    they are trained.
    """
    module = entry.get("module")
    if entry.get("class_name") not in OPERATIONS:
        return False
    if module is None:
        return "module" not in entry and "trainable" not in table(entry.get("config"))
    return isinstance(module, str) and module.startswith(("keras.src.ops", "keras.ops"))


def written_operation(entry: dict[str, object], place: Place, work: Work) -> Made:
    """An operation of Keras 3 as the file states it, written anew."""
    name = str(entry["class_name"])
    module, known = OPERATIONS[name]
    config: dict[str, object] = {"name": place.new_name}
    for key, value in table(entry.get("config")).items():
        if key == "name":
            continue
        try:
            if key in known:
                config[key] = plain_value(value)
            elif key != "dtype" and value is not None:
                _report(key, place, work)
        except NotPlain:
            work.findings.add(place.name, f"Its argument “{visible(key)}” is not understood.")
    if "module" not in entry:
        work.findings.add(
            place.name,
            "It is an operation, which Keras 3 does not find again in a .h5 file it wrote itself.",
            f"Built as the operation {name}.",
        )
    return Made(name, config, module, takers=())


def _report(key: str, place: Place, work: Work) -> None:
    work.findings.add(
        place.name,
        f"Its argument “{visible(key)}” is one that Keras 3 does not know.",
        "Left out: the answer may differ from what the network gave where it was made.",
    )
