export { addonsSource } from './source.js'
