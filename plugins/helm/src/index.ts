export { helmSource } from './source.js'
