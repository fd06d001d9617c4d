"""Values of JSON to what an annotation asks for, and back: dataclasses, TypedDict, and pydantic and msgspec if there.

A converter is made once per annotation, when a function is made, and is None where nothing has to be done.
"""

from __future__ import annotations

import dataclasses
import enum
import sys
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

# Takes a value and where it stands in the input, such as `.user.name`; gives the value as annotated.
Converter = Callable[[Any, str], Any]

_NONE: Final = type(None)


class ShapeError(Exception):
    """A value is not of the annotated shape. The text says where, what was asked for and what was found."""


def to_plain(value: Any) -> Any:
    """What `json` can write, of a value that it cannot: dataclasses, enums, sets, and models of pydantic and msgspec.

    Raises:
        TypeError: there is no such form.
    """
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, (set, frozenset)):
        return list(value)
    if isinstance(value, Mapping):
        return dict(value)
    dump = getattr(type(value), "model_dump", None)  # pydantic, whichever version is installed.
    if dump is not None:
        return dump(value, mode="json")
    msgspec = sys.modules.get("msgspec")
    if msgspec is not None and isinstance(value, msgspec.Struct):
        return msgspec.to_builtins(value)
    raise TypeError(f"{type(value).__qualname__} has no JSON")


def converter(annotation: Any) -> Converter | None:
    """What makes values of JSON be what `annotation` says; None: they are that already, or nothing is known."""
    if annotation in (Any, object, typing.cast(Any, None)) and annotation is not None:
        return None
    if annotation is None or annotation is _NONE:
        return _exactly(_NONE, "null")
    origin = typing.get_origin(annotation)
    if origin is not None:
        return _generic(annotation, origin)
    if not isinstance(annotation, type):
        inner = getattr(annotation, "__supertype__", None)  # NewType
        return None if inner is None else converter(inner)
    if annotation in _SCALARS:
        return _SCALARS[annotation]
    return _of_class(annotation)


def _of_class(annotation: type[Any]) -> Converter | None:
    if typing.is_typeddict(annotation):
        return _typed_dict(annotation)
    if hasattr(annotation, "model_validate"):
        return _pydantic(annotation)
    msgspec = sys.modules.get("msgspec")
    if msgspec is not None and issubclass(annotation, msgspec.Struct):
        return _msgspec(annotation, msgspec)
    if dataclasses.is_dataclass(annotation):
        return _dataclass(annotation)
    if issubclass(annotation, enum.Enum):
        return _enum(annotation)
    if annotation in (list, dict):
        return _exactly(annotation, "an array" if annotation is list else "an object")
    if annotation in (tuple, set, frozenset):
        return _sequence(annotation, None)
    return None


def _generic(annotation: Any, origin: Any) -> Converter | None:
    arguments = typing.get_args(annotation)
    if (
        origin is typing.Annotated or origin in (typing.Required, typing.NotRequired)
        if sys.version_info >= (3, 11)
        else origin is typing.Annotated
    ):
        return converter(arguments[0])
    if origin is typing.Literal:
        return _literal(arguments)
    if origin in (typing.Union, types.UnionType):
        return _union(arguments)
    if origin is tuple and not (len(arguments) == 2 and arguments[1] is Ellipsis):
        return _fixed_tuple(arguments)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return _mapping(arguments[1])
    if origin in (list, tuple, set, frozenset) or (isinstance(origin, type) and issubclass(origin, Sequence)):
        maker = origin if origin in (tuple, set, frozenset) else list
        return _sequence(maker, converter(arguments[0]))
    return _of_class(origin) if isinstance(origin, type) else None


def _fault(value: Any, at: str, wanted: str) -> ShapeError:
    return ShapeError(f"{at or 'it'} should be {wanted} and is {_kind(value)}")


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    for kind, name in _KINDS:
        if isinstance(value, kind):
            return f"{name} {value!r:.40}" if kind in (bool, int, float, str) else name
    return type(value).__qualname__


_KINDS: Final = (
    (bool, "the boolean"),
    (int, "the number"),
    (float, "the number"),
    (str, "the text"),
    (list, "an array"),
    (dict, "an object"),
)


def _exactly(wanted: type[Any], name: str) -> Converter:
    def convert(value: Any, at: str) -> Any:
        if type(value) is not wanted:
            raise _fault(value, at, name)
        return value

    return convert


def _float(value: Any, at: str) -> Any:
    if type(value) is int:
        return float(value)
    if type(value) is not float:
        raise _fault(value, at, "a number")
    return value


_SCALARS: Final[dict[type[Any], Converter]] = {
    str: _exactly(str, "a text"),
    int: _exactly(int, "a whole number"),
    bool: _exactly(bool, "true or false"),
    float: _float,
}


def _literal(allowed: tuple[Any, ...]) -> Converter:
    def convert(value: Any, at: str) -> Any:
        for one in allowed:
            if value == one and type(value) is type(one):
                return value
        raise _fault(value, at, f"one of {', '.join(map(repr, allowed))}")

    return convert


def _union(arguments: tuple[Any, ...]) -> Converter | None:
    converters = [converter(one) for one in arguments]
    if None in converters:
        return None
    # None first: it is the quickest to tell, and the most frequent second arm.
    arms = sorted((one for one in zip(arguments, converters, strict=True)), key=lambda arm: arm[0] is not _NONE)

    def convert(value: Any, at: str) -> Any:
        faults = []
        for _, arm in arms:
            try:
                return arm(value, at) if arm is not None else value
            except ShapeError as fault:
                faults.append(str(fault))
        raise ShapeError("; or ".join(faults[-2:] if len(arms) == 2 and arms[0][0] is not _NONE else faults[-1:]))

    return convert


def _mapping(annotation: Any) -> Converter:
    inner = converter(annotation)

    def convert(value: Any, at: str) -> Any:
        if type(value) is not dict:
            raise _fault(value, at, "an object")
        return value if inner is None else {key: inner(one, f"{at}.{key}") for key, one in value.items()}

    return convert


def _sequence(maker: Callable[[list[Any]], Any], inner: Converter | None) -> Converter:
    def convert(value: Any, at: str) -> Any:
        if type(value) is not list:
            raise _fault(value, at, "an array")
        items = value if inner is None else [inner(one, f"{at}[{index}]") for index, one in enumerate(value)]
        return items if maker is list else maker(items)

    return convert


def _fixed_tuple(arguments: tuple[Any, ...]) -> Converter:
    inner = [converter(one) for one in arguments]

    def convert(value: Any, at: str) -> Any:
        if type(value) is not list or len(value) != len(inner):
            raise _fault(value, at, f"an array of {len(inner)}")
        pairs = enumerate(zip(inner, value, strict=True))
        return tuple(one if shape is None else shape(one, f"{at}[{index}]") for index, (shape, one) in pairs)

    return convert


def _enum(annotation: type[enum.Enum]) -> Converter:
    def convert(value: Any, at: str) -> Any:
        try:
            return annotation(value)
        except ValueError:
            allowed = ", ".join(repr(one.value) for one in annotation)
            raise _fault(value, at, f"one of {allowed}") from None

    return convert


def _typed_dict(annotation: type[Any]) -> Converter:
    shapes = {name: converter(one) for name, one in hints(annotation).items()}
    required: frozenset[str] = annotation.__required_keys__

    def convert(value: Any, at: str) -> Any:
        _check_keys(value, at, required)
        # Keys that the annotation does not name stay: a TypedDict is a dict, and sides of different age meet.
        return {
            key: one if (shape := shapes.get(key)) is None else shape(one, f"{at}.{key}") for key, one in value.items()
        }

    return convert


def _dataclass(annotation: Any) -> Converter:
    known = hints(annotation)
    fields = [field for field in dataclasses.fields(annotation) if field.init]
    shapes = {field.name: converter(known.get(field.name, Any)) for field in fields}
    missing = dataclasses.MISSING
    required = frozenset(
        field.name for field in fields if field.default is missing and field.default_factory is missing
    )

    def convert(value: Any, at: str) -> Any:
        _check_keys(value, at, required)
        arguments = {}
        for name, shape in shapes.items():
            if name in value:
                arguments[name] = value[name] if shape is None else shape(value[name], f"{at}.{name}")
        return annotation(**arguments)

    return convert


def _check_keys(value: Any, at: str, required: frozenset[str]) -> None:
    if type(value) is not dict:
        raise _fault(value, at, "an object")
    for name in sorted(required - value.keys()):
        raise ShapeError(f"{at}.{name} is missing")


def _pydantic(annotation: Any) -> Converter:
    def convert(value: Any, at: str) -> Any:
        try:
            return annotation.model_validate(value)
        except ValueError as error:  # pydantic's ValidationError is one.
            raise ShapeError(f"{at or 'it'} is no {annotation.__name__}: {_line(error)}") from error

    return convert


def _msgspec(annotation: type[Any], msgspec: Any) -> Converter:
    def convert(value: Any, at: str) -> Any:
        try:
            return msgspec.convert(value, annotation)
        except msgspec.ValidationError as error:
            raise ShapeError(f"{at or 'it'} is no {annotation.__name__}: {_line(error)}") from error

    return convert


def _line(error: Exception) -> str:
    return " ".join(str(error).split())


def hints(of: Any) -> dict[str, Any]:
    """The annotations of a function or class, resolved. Those that name something unknown are left out.

    A name may be unknown because it was imported under `TYPE_CHECKING` only; such an annotation is for the checker.
    """
    try:
        return typing.get_type_hints(of, include_extras=True)
    except (NameError, AttributeError):
        known: dict[str, Any] = {}
        space = getattr(sys.modules.get(of.__module__), "__dict__", {})
        for name, annotation in getattr(of, "__annotations__", {}).items():
            probe = types.SimpleNamespace(__annotations__={name: annotation})
            try:
                known.update(typing.get_type_hints(probe, space, include_extras=True))
            except (NameError, AttributeError):
                continue
        return known
