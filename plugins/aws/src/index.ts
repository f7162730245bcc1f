export { ecrCredentials } from './credentials.js'
export { ecrSink } from './sink.js'
