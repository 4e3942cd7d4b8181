"""Ten thousand coroutines that wait for 0.1 s at once."""
# SPDX-License-Identifier: Apache-2.0
import asyncio


async def main():
    await asyncio.gather(*(asyncio.sleep(0.1) for _ in range(10_000)))


asyncio.run(main())
print(10_000)
