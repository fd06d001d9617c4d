"""The smallest file: `millrace dev hello.py`, then `curl localhost:8080/function/greet -d '"Ada"'`."""

from millrace import function


@function
def greet(name: str) -> str:
    return f"Hello, {name}"
