export { notes } from './source.js'
export { shelf } from './sink.js'
