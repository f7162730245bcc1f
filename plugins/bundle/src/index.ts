export { tarballSink } from './sink.js'
export { bundleSource } from './source.js'
