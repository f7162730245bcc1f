/**
 * Runs `task` for every item, at most `limit` at once, and yields the results in the order of the items. A task that rejects
 * ends it, in its turn. No further task starts once the reader has stopped.
 */
export async function* mapOrdered<Item, Result>(
  items: Iterable<Item>,
  limit: number,
  task: (item: Item) => Promise<Result>,
): AsyncGenerator<Result> {
  const running: Promise<Result>[] = []
  for (const item of items) {
    const result = task(item)
    // nobody may be waiting for it any more when it fails
    result.catch(() => undefined)
    running.push(result)
    const next = running.length >= limit ? running.shift() : undefined
    if (next !== undefined) yield await next
  }
  for (const result of running) yield await result
}
