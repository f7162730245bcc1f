import type { GoMap } from '@ropeway/gotemplate'
import type { ActiveChart } from '../render/chart.js'
export function validateSchemas(_chart: ActiveChart, _values: GoMap): void {}
