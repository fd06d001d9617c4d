"""Finds the functions of a user's file: what `function` made, or else its plain functions."""

from __future__ import annotations

import importlib.util
import inspect
import os
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from millrace._wire.verdict import is_name
from millrace.errors import UsageError
from millrace.function import Function


class LoadError(Exception):
    """Why a file can't be served: one line for people, with the fix."""


def load_module(entry: str) -> ModuleType:
    """Imports a file as a module of its own name, with its folder first in `sys.path`, as `python file.py` has it.

    Raises:
        LoadError: there is no such file.
        BaseException: whatever the import raises.
    """
    path = os.path.abspath(entry)
    if not os.path.isfile(path):
        raise LoadError(f"{path} does not exist")
    name = Path(path).stem
    sys.path.insert(0, os.path.dirname(path))
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise LoadError(f"{path} is no Python file: its name should end in .py")
    module = importlib.util.module_from_spec(spec)
    # Before it runs: a class that it defines looks for its module there.
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def select_functions(
    module: ModuleType, file: str, handler: str | None = None, name: str | None = None
) -> list[Function[..., Any]]:
    """The functions of a module that are to be served.

    All that the decorator made in this file or that `__all__` lists; if there is none, its plain functions without a
    leading underscore, each as JSON or by its annotations.

    Args:
        module: What `load_module` gave.
        file: Name of the file, for errors.
        handler: Serve only what has this name in the module, or is the function of this name.
        name: Serve it under this name.

    Raises:
        LoadError: there is none, or not the one asked for.
    """
    found = _defined(module)
    if handler is not None:
        match = found.get(handler) or next((fn for fn in found.values() if fn.name == handler), None)
        if match is None:
            raise LoadError(_missing(file, handler, found))
        return [match if name is None else _named(match, name)]
    functions = list({id(fn): fn for fn in _offered(module, found).values()}.values())
    if not functions:
        raise LoadError(f"{file} has no function: define one, such as: @function def hello(name: str) -> str: ...")
    if name is not None:
        if len(functions) > 1:
            raise LoadError(f"--name {name} needs --handler: {file} has {_list(found)}")
        return [_named(functions[0], name)]
    names = [fn.name for fn in functions]
    for one in names:
        if names.count(one) > 1:
            raise LoadError(f'{file} has two functions named "{one}": give one of them another name')
    return functions


def _defined(module: ModuleType) -> dict[str, Function[..., Any]]:
    """By their names in the module: what the decorator made, and the plain functions that the file defines."""
    listed = getattr(module, "__all__", None)
    found: dict[str, Function[..., Any]] = {}
    plain: dict[int, Function[..., Any]] = {}
    for key, value in vars(module).items():
        here = getattr(value, "__module__", None) == module.__name__ if listed is None else key in listed
        if not here:
            continue
        if isinstance(value, Function):
            found[key] = value
        elif inspect.isfunction(value) and is_name(key):
            if id(value) not in plain:
                try:
                    plain[id(value)] = Function(value, key)
                except UsageError:
                    continue  # A helper whose parameters no call can give.
            found[key] = plain[id(value)]
    return found


def _offered(module: ModuleType, found: dict[str, Function[..., Any]]) -> dict[str, Function[..., Any]]:
    made = {key: fn for key, fn in found.items() if isinstance(vars(module)[key], Function)}
    return made or found


def _named(fn: Function[..., Any], name: str) -> Function[..., Any]:
    try:
        return fn.renamed(name)
    except UsageError as error:
        raise LoadError(error.message) from error


def _missing(file: str, handler: str, found: dict[str, Function[..., Any]]) -> str:
    if not found:
        return f'{file} has no function "{handler}": it has none at all'
    names = {name for key, fn in found.items() for name in (key, fn.name)}
    nearest = min(sorted(names), key=lambda name: _distance(name, handler))
    near = _distance(nearest, handler) <= max(2, len(handler) / 3)
    guess = f' Did you mean "{nearest}"?' if near else ""
    return f'{file} has no function "{handler}": it has {_list(found)}.{guess}'


def _list(found: dict[str, Function[..., Any]]) -> str:
    return ", ".join(key if key == fn.name else f"{key} (function {fn.name})" for key, fn in found.items())


def _distance(left: str, right: str) -> int:
    """Edits from one word to the other, letters' case not counted."""
    a, b = left.lower(), right.lower()
    row = list(range(len(b) + 1))
    for i, letter in enumerate(a, 1):
        following = [i]
        for j, other in enumerate(b, 1):
            following.append(min(row[j - 1] + (letter != other), row[j] + 1, following[j - 1] + 1))
        row = following
    return row[-1]
