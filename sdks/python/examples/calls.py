"""Functions that call functions, in whatever language those are written."""

from dataclasses import dataclass

from millrace import Context, MillraceError, function


@dataclass
class Order:
    item: str
    count: int = 1


@function
async def price(order: Order) -> float:
    prices = {"tea": 2.5, "cake": 4.0}
    if order.item not in prices:
        raise MillraceError("bad_input", f"we have no {order.item}", code="NO_ITEM", retryable=False)
    return prices[order.item] * order.count


@function(timeout_s=2.0)
async def total(orders: list[Order], ctx: Context) -> float:
    prices: list[float] = await ctx.gather(*[ctx.call(price, order) for order in orders])
    ctx.log.info("added up", orders=len(orders), left_s=ctx.remaining_s)
    return sum(prices)


@function
def discounted(orders: list[Order], ctx: Context) -> float:
    return float(ctx.call_sync(total, orders, timeout_s=0.5)) * 0.9
