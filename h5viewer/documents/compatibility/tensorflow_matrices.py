"""Functions of TensorFlow that take tensors as matrices: tf.linalg."""

from __future__ import annotations

from h5viewer.documents.compatibility.calls import Call
from h5viewer.documents.compatibility.chains import (
    Builder,
    CannotSay,
    Chain,
    Given,
    Result,
    X,
    as_constant,
)

_LONGEST = 1000
"""Rows of a matrix that is written into the configuration: a million numbers."""


def of_each(name: str) -> Builder:
    """Of each matrix by itself."""
    return lambda chain, call: chain.add(name, Given(call, X).tensor("x"))


def swapped(chain: Chain, call: Call) -> Result:
    """Rows for columns."""
    return chain.add("Swapaxes", Given(call, f"{X}|matrix").tensor("x"), axis1=-1, axis2=-2)


def along_diagonal(name: str) -> Builder:
    """Its numbers, or their sum."""
    return lambda chain, call: chain.add(
        name, Given(call, X).tensor("x"), offset=0, axis1=-2, axis2=-1
    )


def diagonal(chain: Chain, call: Call) -> Result:
    """tf.linalg.diag: rows as the diagonals of matrices."""
    given = Given(call, "diagonal name k")
    shape = chain.shapes[0] if chain.shapes else None
    length = shape[-1] if shape else None
    if length is None or given.plain("k", 0) != 0:
        raise CannotSay("which diagonal it fills is not known")
    if length > _LONGEST:
        raise CannotSay(f"its matrices have more than {_LONGEST:,} rows")
    unit = [[1.0 if row == column else 0.0 for column in range(length)] for row in range(length)]
    row = chain.add("ExpandDims", given.tensor("diagonal"), axis=-1)
    return chain.add("Multiply", row, as_constant(unit))


def band(chain: Chain, call: Call) -> Result:
    """tf.linalg.band_part: so many diagonals below and above; all of them where it is negative."""
    given = Given(call, f"{X} num_lower num_upper")
    x, lower, upper = given.tensor("x"), given.whole("num_lower"), given.whole("num_upper")
    if upper >= 0:
        x = chain.add("Tril", x, k=upper)
    return chain.add("Triu", x, k=-lower) if lower >= 0 else x


FUNCTIONS: dict[str, Builder] = {
    "band_part": band,
    "cholesky": of_each("Cholesky"),
    "det": of_each("Det"),
    "diag": diagonal,
    "diag_part": along_diagonal("Diagonal"),
    "inv": of_each("Inv"),
    "matrix_band_part": band,
    "matrix_determinant": of_each("Det"),
    "matrix_diag": diagonal,
    "matrix_diag_part": along_diagonal("Diagonal"),
    "matrix_inverse": of_each("Inv"),
    "matrix_transpose": swapped,
    "trace": along_diagonal("Trace"),
}
"""What a function of TensorFlow is in Keras 3."""
