export { start } from './main.js'
