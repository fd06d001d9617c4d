"""Functions of the soak in Python."""

from millrace import Context, function


@function
def measure(text: str) -> int:
    return len(text)


@function
async def relay(text: str, ctx: Context) -> int:
    return len(str(await ctx.call("echo", text)))
