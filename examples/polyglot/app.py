"""The Python functions. After them in the ring come Go's, then C++'s."""

from millrace import Context, function


@function("python.hops")
async def hops(n: int, ctx: Context) -> int:
    return 0 if n == 0 else 1 + int(await ctx.call("go.hops", n - 1))


@function("python.fib")
async def fib(n: int, ctx: Context) -> int:
    if n < 2:
        return n
    a, b = await ctx.gather(ctx.call("go.fib", n - 1), ctx.call("cpp.fib", n - 2))
    return int(a) + int(b)


@function("python.square")
def square(n: int) -> int:
    return n * n
