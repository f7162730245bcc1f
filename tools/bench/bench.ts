// Benchmarks: `npm run bench [-- --rounds N] [--only start-up|render|relocate|transfer|addons] [--charts DIR] [--chain N]`.
// Prints tables, writes nothing. Ends with 1 when start-up, rendering or relocation is slower than the limits; transfers are
// compared with what is installed (`npm run peers`) and have no limit.
import { parseArgs } from 'node:util'
import { benchAddons } from './addons.ts'
import { benchRelocate } from './relocate.ts'
import { benchRender } from './render.ts'
import { benchStartUp } from './start-up.ts'
import { benchTransfer } from './transfer.ts'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string' },
    only: { type: 'string' },
    charts: { type: 'string' },
    chain: { type: 'string' },
  },
})

const wanted = (part: string): boolean => (values.only ?? part) === part

if (wanted('start-up')) {
  const within = await benchStartUp(Number(values.rounds ?? 15))
  if (!within) process.exitCode = 1
  console.log()
}
if (wanted('render')) {
  if (!(await benchRender(Number(values.rounds ?? 3)))) process.exitCode = 1
  console.log()
}
if (wanted('relocate')) {
  const chain = values.chain === undefined ? undefined : Number(values.chain)
  if (!(await benchRelocate(values.charts, chain))) process.exitCode = 1
  console.log()
}
if (wanted('transfer')) await benchTransfer(Number(values.rounds ?? 3))
if (wanted('addons') && !(await benchAddons())) process.exitCode = 1
