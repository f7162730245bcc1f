// Reads an index in a process of its own: FILE CHART… Prints what was found and the memory that it took.
import { createReadStream } from 'node:fs'
import { registerHooks } from 'node:module'
import { resourceUsage } from 'node:process'

// the sources import each other as `.js`
registerHooks({
  resolve(specifier, context, next) {
    const source = context.parentURL?.endsWith('.ts') === true && /^\..*\.js$/.test(specifier)
    return next(source ? `${specifier.slice(0, -3)}.ts` : specifier, context)
  },
})
const { readIndex } = await import('../src/repository/read-index.ts')
const [file, ...wanted] = process.argv.slice(2)
const index = await readIndex(createReadStream(file), wanted, file)
const versions = [...index.charts.values()].reduce((sum, chart) => sum + chart.versions.length, 0)
const megabytes = Math.round(resourceUsage().maxRSS / 1024)
console.log(JSON.stringify({ charts: index.charts.size, names: index.names.length, versions, megabytes }))
