export { commands, type CommandInfo, type ParameterInfo } from './commands.js'
export type * from './results.js'
