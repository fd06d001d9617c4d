"""Python functions that call the `echo` of another language."""

from millrace import Context, function


@function("py.echo")
def echo(payload: bytes) -> bytes:
    return payload


@function("py.sync")
def sync_caller(payload: bytes, ctx: Context) -> bytes:
    return bytes(ctx.call_sync("echo", payload))


@function("py.async")
async def async_caller(payload: bytes, ctx: Context) -> bytes:
    return await ctx.call_bytes("echo", payload)
