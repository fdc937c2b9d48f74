"""What a graph may be made of: kinds of node, versions of them, kinds of numbers, fields.

The kinds of node are those of our own graphs and of what rankers made elsewhere export to: trees
(LightGBM, XGBoost through onnxmltools: ``ai.onnx.ml``), factorisations, two towers, and sequences
(SASRec, GRU4Rec from PyTorch). Left out on purpose: what runs other graphs (Loop, Scan, If,
SequenceMap), what matches texts (RegexFullMatch, StringSplit and the rest of them), what draws
(Random*, Multinomial, Bernoulli, Dropout), what reads pictures (ImageDecoder), and what no ranker needs.

Source: ONNX operators, https://onnx.ai/onnx/operators/; onnx.proto.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

PLAIN: Final = ""
TREES: Final = "ai.onnx.ml"
DOMAINS: Final = MappingProxyType({PLAIN: PLAIN, "ai.onnx": PLAIN, TREES: TREES})
"""By how a graph names them."""
OPSETS: Final[Mapping[str, range]] = MappingProxyType({PLAIN: range(13, 24), TREES: range(1, 6)})
IR_VERSIONS: Final = range(7, 13)

_ARITHMETIC: Final = (
    "Abs Add Ceil Clip CumSum Div Erf Exp Floor Log Max Mean Min Mod Mul Neg Not Pow Reciprocal "
    "Round Sign Sin Cos Sqrt Sub Sum And Or Xor Equal Greater GreaterOrEqual Less LessOrEqual "
    "IsNaN IsInf Where"
)
_NEURAL: Final = (
    "BatchNormalization Celu Conv Elu Gelu Gemm GRU HardSigmoid HardSwish LayerNormalization LeakyRelu "
    "LogSoftmax LSTM LpNormalization MatMul Mish PRelu Relu RMSNormalization Selu Sigmoid Softmax "
    "Softplus Softsign Tanh ThresholdedRelu"
)
_REDUCING: Final = (
    "ArgMax ArgMin ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin "
    "ReduceProd ReduceSum ReduceSumSquare TopK"
)
_SHAPING: Final = (
    "Cast CastLike Compress Concat Constant ConstantOfShape Expand EyeLike Flatten Gather "
    "GatherElements GatherND Identity NonZero OneHot Pad Range Reshape ScatterElements ScatterND "
    "Shape Size Slice Split Squeeze Tile Transpose Trilu Unsqueeze"
)
_QUANTISED: Final = (
    "DequantizeLinear DynamicQuantizeLinear MatMulInteger QLinearMatMul QuantizeLinear"
)
_TREES: Final = (
    "ArrayFeatureExtractor Binarizer FeatureVectorizer Imputer LinearClassifier LinearRegressor Normalizer "
    "Scaler TreeEnsemble TreeEnsembleClassifier TreeEnsembleRegressor"
)
OPERATORS: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        PLAIN: frozenset(" ".join((_ARITHMETIC, _NEURAL, _REDUCING, _SHAPING, _QUANTISED)).split()),
        TREES: frozenset(_TREES.split()),
    }
)

NUMBERS: Final[Mapping[int, tuple[str, int]]] = MappingProxyType(
    {
        1: ("float32", 4),
        2: ("uint8", 1),
        3: ("int8", 1),
        4: ("uint16", 2),
        5: ("int16", 2),
        6: ("int32", 4),
        7: ("int64", 8),
        9: ("bool", 1),
        10: ("float16", 2),
        11: ("float64", 8),
        12: ("uint32", 4),
        13: ("uint64", 8),
    }
)
"""Kinds of numbers by ``TensorProto.DataType``: numpy's name, and bytes of one."""

FIELDS: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        message: frozenset(fields.split())
        for message, fields in {
            "ModelProto": "ir_version opset_import producer_name producer_version domain "
            "model_version doc_string graph metadata_props",
            "OperatorSetIdProto": "domain version",
            "StringStringEntryProto": "key value",
            "GraphProto": "node name initializer doc_string input output value_info metadata_props",
            "NodeProto": "input output name op_type domain attribute doc_string metadata_props",
            "AttributeProto": "name doc_string type f i s t floats ints strings",
            "TensorProto": "dims data_type float_data int32_data int64_data name doc_string "
            "raw_data double_data uint64_data metadata_props",
            "ValueInfoProto": "name type doc_string metadata_props",
            "TypeProto": "tensor_type denotation",
            "Tensor": "elem_type shape",  # TypeProto.Tensor
            "TensorShapeProto": "dim",
            "Dimension": "dim_value dim_param denotation",
        }.items()
    }
)
"""By kind of message, the fields it may have; all others are refused, whatever they hold."""

WHY_NOT: Final[Mapping[str, str]] = MappingProxyType(
    {
        "configuration": "it runs on one device",
        "data_location": "weights lie in the file itself",
        "device_configurations": "it runs on one device",
        "external_data": "weights lie in the file itself; no other file is ever read",
        "functions": "functions within functions take hours to load; export without them",
        "g": "no graph within a graph",
        "graphs": "no graph within a graph",
        "overload": "no functions of its own",
        "ref_attr_name": "no functions of its own",
        "segment": "weights lie in one piece",
        "sparse_initializer": "weights are dense",
        "string_data": "no texts",
        "training_info": "it ranks and does not learn",
    }
)
