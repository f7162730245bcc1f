export { registrySink } from './sink.js'
export { ociSource } from './source.js'
