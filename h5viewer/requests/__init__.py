"""Everything the program can do to a file: each request, and what it is answered with.

request              parts while it runs     result
-------------------  ----------------------  -------------
OpenDocument                                 Document
ListChildren         Names                   Listed
DescribeNodes        Nodes                   Listed
SearchNames          Paths                   Listed
SurveyNodes                                  Listed
ReadAttributes                               Attributes
ReadAttributeText                            Text
ReadEntryText                                Text
ReadPlane            Plane                   Plane
ReadLine             Line                    Line
ReadCells                                    Cells
ReadRow                                      Row
ReadStatistics       Statistics              Statistics
DecodeArchitecture   Layers                  Architecture
ReadLayer                                    LayerDetails
LayoutGraph                                  GraphLayout
CompareFiles         LayerPairs, WeightPairs Comparison
ReadDifference       Plane                   Plane
TabulateWeights      WeightRows, Summaries   WeightTable
MeasureBytes                                 ByteMap
CheckHealth          HealthFindings          HealthReport
ReadMeaning                                  WeightMeaning
ReadGallery                                  Gallery
ReadNorms                                    Norms
ReadSingularValues                           SingularValues
ReadNeighbours                               Neighbours
ReadProjection                               Projection
ReadOrdered                                  Ordered
ReadParts                                    Parts
ReadAppearance                               Appearance
ReadRelations                                Relations
DiagnoseNetwork                              Diagnosis
ReadArchitecture                             Text
FitArchitecture                              ArchitectureFit
LoadNetwork *                                LoadedNetwork
Predict *                                    Prediction
ReadActivations *                            Activations
ExplainPrediction *                          Explanation
EvaluateNetwork *    Evaluation              Evaluation
RepairNetwork *      FileBytes               Repaired
ExportOnnx *         FileBytes               Exported
ReadLabels                                   Labels
ReadRecipe                                   SavedRecipe
ReadTraining                                 SavedTraining
ReadStoredNames                              Labels
PlanExport                                   ExportPlan
PlanMerge                                    MergeChoices
MatchWeights                                 WeightMatches
StripFile +                                  Exported
ConvertNetwork +                             Exported
AverageNetworks +                            Exported
JoinNetworks +                               Exported
ChainNetworks +                              Exported
CombineNetwork +                             Exported
SaveWeights +                                Exported
SaveDataset +                                Exported
SavePictures +                               Exported
SaveArchitecture +                           Exported
SalvageFile +                                Exported
CutNetwork +                                 Exported
FreezeLayers +                               Exported
RenameLayers +                               Exported
EditFile +                                   Exported
BuildDataSet +                               Exported
WriteAugmented +                             Exported
SurveyFolder                                 FolderSurvey
PreviewDataSet                               DataSetPreview
PreviewChange                                ChangePreview
SurveySeries         SeriesWeights, WeightCourses
                                             SeriesSurvey
CheckSeries          StepChecked             SeriesHealth
ReadSeriesPlane      StepPlane               StepPlane
FindPictureSets, FitPictureSet, FindOtherLabels
                                             PictureSets
ReadThumbnails       Thumbnails              Thumbnails
ReadPictureLabels    PictureLabels           ClassCounts
ReadOnePicture                               OnePicture
ReadMeanPictures     MeanPictures            MeanPictures
CheckPictures                                PictureReport
PreviewAugmentation  Thumbnails              Thumbnails

Those with * are answered by `h5viewer.network`, in a worker of its own that has loaded
Keras; those with + in a worker of their own that writes one file (`h5viewer.exporting`).
A request names a file by its absolute path, or several (`Request.documents`), and is answered
by an operation of the same name in `h5viewer.operations`. Any of them may fail with an
H5ViewerError.
"""

from __future__ import annotations

from h5viewer.requests.base import FileRequest, PairRequest, Progress
from h5viewer.requests.changes import (
    AnyChange,
    Change,
    ComputeWeight,
    PasteValues,
    RenameLayer,
    SetAttribute,
    SetClassNames,
    SetElement,
)
from h5viewer.requests.data_sets import FolderRequest, PreviewDataSet, SurveyFolder
from h5viewer.requests.export import (
    AverageNetworks,
    BuildDataSet,
    ChainNetworks,
    CombineNetwork,
    ConvertNetwork,
    CutNetwork,
    EditFile,
    Export,
    ExportRequest,
    FloatName,
    FreezeLayers,
    JoinNetworks,
    MatchWeights,
    PlanExport,
    PlanMerge,
    PreviewChange,
    RenameLayers,
    SalvageFile,
    SaveArchitecture,
    SaveDataset,
    SavePictures,
    SaveWeights,
    StripFile,
    WriteAugmented,
)
from h5viewer.requests.files import (
    Block,
    CheckHealth,
    CompareFiles,
    Cut,
    DecodeArchitecture,
    DescribeNodes,
    LayoutGraph,
    ListChildren,
    MeasureBytes,
    OpenDocument,
    ReadAppearance,
    ReadAttributes,
    ReadAttributeText,
    ReadCells,
    ReadDifference,
    ReadEntryText,
    ReadGallery,
    ReadLayer,
    ReadLine,
    ReadMeaning,
    ReadNeighbours,
    ReadNorms,
    ReadOrdered,
    ReadParts,
    ReadPlane,
    ReadProjection,
    ReadRelations,
    ReadRow,
    ReadSingularValues,
    ReadStatistics,
    SearchNames,
    SurveyNodes,
    TabulateWeights,
)
from h5viewer.requests.network import (
    CodeFile,
    Consent,
    DiagnoseNetwork,
    EvaluateNetwork,
    ExplainPrediction,
    ExportOnnx,
    Feed,
    FitArchitecture,
    LoadNetwork,
    NetworkRequest,
    Predict,
    ReadActivations,
    ReadArchitecture,
    ReadLabels,
    ReadRecipe,
    ReadStoredNames,
    RepairNetwork,
)
from h5viewer.requests.picture_sets import (
    CheckPictures,
    FindOtherLabels,
    FindPictureSets,
    FitPictureSet,
    PreviewAugmentation,
    ReadMeanPictures,
    ReadOnePicture,
    ReadPictureLabels,
    ReadThumbnails,
)
from h5viewer.requests.resuming import ReadTraining
from h5viewer.requests.series import CheckSeries, ReadSeriesPlane, SeriesRequest, SurveySeries

Request = (
    OpenDocument
    | ListChildren
    | DescribeNodes
    | SearchNames
    | SurveyNodes
    | ReadAttributes
    | ReadAttributeText
    | ReadEntryText
    | ReadPlane
    | ReadLine
    | ReadCells
    | ReadRow
    | ReadStatistics
    | DecodeArchitecture
    | ReadLayer
    | LayoutGraph
    | CompareFiles
    | ReadDifference
    | TabulateWeights
    | MeasureBytes
    | CheckHealth
    | ReadMeaning
    | ReadGallery
    | ReadNorms
    | ReadSingularValues
    | ReadNeighbours
    | ReadProjection
    | ReadOrdered
    | ReadParts
    | ReadAppearance
    | ReadRelations
    | DiagnoseNetwork
    | ReadArchitecture
    | FitArchitecture
    | LoadNetwork
    | Predict
    | ReadActivations
    | ExplainPrediction
    | EvaluateNetwork
    | RepairNetwork
    | ExportOnnx
    | ReadLabels
    | ReadRecipe
    | ReadTraining
    | ReadStoredNames
    | PlanExport
    | PlanMerge
    | MatchWeights
    | PreviewChange
    | SurveySeries
    | CheckSeries
    | ReadSeriesPlane
    | FindPictureSets
    | FitPictureSet
    | FindOtherLabels
    | ReadThumbnails
    | ReadPictureLabels
    | ReadOnePicture
    | ReadMeanPictures
    | CheckPictures
    | PreviewAugmentation
    | SurveyFolder
    | PreviewDataSet
    | Export
)
