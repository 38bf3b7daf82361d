"""What a document holds, as plain frozen values.

The window and the terminal show these; workers make them. Every value is a msgspec
struct with a tag, so it crosses a pipe typed and validated. Sizes that can exceed
64 bits (a shape declared by a stranger) are computed, never sent.
"""

from __future__ import annotations

from h5viewer.nodes.appearance import (
    Appearance,
    AxisScale,
    PictureForm,
    Relation,
    Relations,
)
from h5viewer.nodes.architecture import (
    ITEMSIZES,
    Architecture,
    Cost,
    Layer,
    LayerDetails,
    LayerItem,
    Layers,
    ParameterCount,
    Training,
    Weight,
)
from h5viewer.nodes.base import (
    OutputShape,
    Problem,
    Severity,
    Shape,
    Value,
)
from h5viewer.nodes.code import Code, CodeFunction
from h5viewer.nodes.comparison import (
    ChangedArgument,
    ComparedLayer,
    Comparison,
    LayerPair,
    LayerPairs,
    WeightPair,
    WeightPairs,
)
from h5viewer.nodes.data_sets import (
    ColourMode,
    Compression,
    DataSetBuilt,
    DataSetPreview,
    DataSetRecipe,
    Fit,
    FolderClass,
    FolderSurvey,
    LabelRule,
    OnUnreadable,
    PreviewedPicture,
    SetLayout,
    SkippedPicture,
    StoredType,
)
from h5viewer.nodes.export import ChangePreview, Exported, ExportPart, ExportPlan
from h5viewer.nodes.file import (
    Attribute,
    Attributes,
    Dataset,
    Document,
    DType,
    Entry,
    Filter,
    Format,
    Group,
    Identity,
    Link,
    Listed,
    NamedType,
    Names,
    Node,
    Nodes,
    Obstacle,
    Paths,
    Text,
    Unreadable,
)
from h5viewer.nodes.graph import BoxKind, GraphBox, GraphEdge, GraphLayout
from h5viewer.nodes.health import Gravity, HealthFinding, HealthFindings, HealthReport
from h5viewer.nodes.meaning import (
    Expected,
    Gallery,
    Neighbours,
    Norms,
    OptimizerState,
    Ordered,
    PartNumbers,
    Parts,
    Projection,
    SingularValues,
    Slot,
    ViewName,
    WeightMeaning,
    WeightPart,
)
from h5viewer.nodes.merging import (
    LayerMatch,
    MergeChoice,
    MergeChoices,
    MergeKind,
    MergeMember,
    WeightMatches,
    WeightSource,
)
from h5viewer.nodes.picture_sets import (
    EACH,
    Augmentation,
    ClassCounts,
    FillMode,
    LabelForm,
    LoosePicture,
    MeanPictures,
    OnePicture,
    OtherLabels,
    PictureFinding,
    PictureLabels,
    PictureLayout,
    PictureReport,
    PictureSet,
    PictureSets,
    Split,
    Thumbnails,
    with_labels_of,
    without_labels,
)
from h5viewer.nodes.prediction import (
    Activations,
    Answer,
    ArchitectureFit,
    Diagnosis,
    Evaluation,
    Evidence,
    Explanation,
    FileBytes,
    Finding,
    Fitting,
    Labels,
    LoadedNetwork,
    Mistake,
    NetworkInput,
    NetworkOutput,
    OutputKind,
    Prediction,
    ProbedAnswer,
    Recipe,
    Repaired,
    SavedRecipe,
    Score,
    nameable,
)
from h5viewer.nodes.resuming import SavedTraining
from h5viewer.nodes.series import (
    Direction,
    FindingCourse,
    Metric,
    MetricCurve,
    Series,
    SeriesHealth,
    SeriesStep,
    SeriesSurvey,
    SeriesWeight,
    SeriesWeights,
    StepChecked,
    StepPlane,
    WeightCourse,
    WeightCourses,
)
from h5viewer.nodes.values import (
    Array,
    Cells,
    Line,
    Plane,
    Row,
    Statistics,
)
from h5viewer.nodes.weight_table import (
    ByteMap,
    BytePart,
    WeightRow,
    WeightRows,
    WeightSummaries,
    WeightSummary,
    WeightTable,
)

Part = (
    Names
    | Nodes
    | Paths
    | Layers
    | LayerPairs
    | WeightPairs
    | Plane
    | Line
    | Statistics
    | WeightRows
    | WeightSummaries
    | HealthFindings
    | Evaluation
    | Prediction
    | FileBytes
    | SeriesWeights
    | WeightCourses
    | StepChecked
    | StepPlane
    | Thumbnails
    | PictureLabels
    | MeanPictures
)
"""What an operation may deliver before it ends."""

Result = (
    Document
    | Nodes
    | Listed
    | Attributes
    | Text
    | Plane
    | Line
    | Cells
    | Row
    | Statistics
    | Architecture
    | LayerDetails
    | GraphLayout
    | WeightMeaning
    | Gallery
    | Norms
    | SingularValues
    | Neighbours
    | Projection
    | Ordered
    | Parts
    | Comparison
    | WeightTable
    | ByteMap
    | HealthReport
    | Appearance
    | Relations
    | Diagnosis
    | ArchitectureFit
    | LoadedNetwork
    | Prediction
    | Activations
    | Explanation
    | Evaluation
    | Repaired
    | Labels
    | SavedRecipe
    | SavedTraining
    | ExportPlan
    | ChangePreview
    | Exported
    | MergeChoices
    | WeightMatches
    | SeriesSurvey
    | SeriesHealth
    | StepPlane
    | PictureSets
    | Thumbnails
    | ClassCounts
    | OnePicture
    | MeanPictures
    | PictureReport
    | FolderSurvey
    | DataSetPreview
)
"""What an operation may end with."""
