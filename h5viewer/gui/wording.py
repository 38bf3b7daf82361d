"""The window's name for `h5viewer.wording`, which the terminal uses as well."""

from h5viewer.wording import UNKNOWN as UNKNOWN
from h5viewer.wording import bytes_text as bytes_text
from h5viewer.wording import count_text as count_text
from h5viewer.wording import exact_bytes_text as exact_bytes_text
from h5viewer.wording import names_text as names_text
from h5viewer.wording import output_shape_text as output_shape_text
from h5viewer.wording import plural as plural
from h5viewer.wording import ratio_text as ratio_text
from h5viewer.wording import shape_text as shape_text
from h5viewer.wording import share_text as share_text
