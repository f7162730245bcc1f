import type { Value } from '../construct.js'
import type { Path } from '../path.js'
import { judge } from './judge.js'
import { meaningOf } from './keys.js'
import { recognise } from './recognise.js'
import type { Walk } from './sink.js'
import { scanText } from './text.js'

const flag = /^(--?[A-Za-z][\w.-]*)(=)?/

/** Arguments of a program: `--x-image=REF`, `--x-image REF`, `-x-image REF`, the next item, and what stands in shell text. */
export function scanArguments(list: readonly Value[], path: Path, { sink }: Walk): void {
  for (const [index, item] of list.entries()) {
    const own = [...path, index]
    if (typeof item !== 'string' || sink.consumed(own)) continue
    sink.consume(own)
    const [head = '', name = '', equals] = flag.exec(item) ?? []
    const next = list[index + 1]
    if (head === item && equals === undefined && meaningOf(name) !== 'other' && typeof next === 'string') {
      argument(next, 0, name, [...own.slice(0, -1), index + 1], sink)
    } else if (equals !== undefined) argument(item, head.length, name, own, sink)
    else scanText(item, '', own, 'arg', sink)
  }
}

/** What a flag is given, from an offset of the item on: one reference, or several with names or commas between. */
function argument(item: string, offset: number, name: string, path: Path, sink: Walk['sink']): void {
  sink.consume(path)
  const text = item.slice(offset)
  if (text.startsWith('-')) return
  const found = recognise(text)
  const judgement = found && judge(found, name)
  if (found === undefined) return scanText(item, name, path, 'arg', sink)
  if (judgement === undefined) return
  const start = offset + found.start
  const range = start === 0 ? undefined : ([start, start + found.reference.length] as const)
  sink.found(path, { place: 'arg', reference: found.reference, ...judgement, range })
}
