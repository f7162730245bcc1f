export { filesSource } from './source.js'
