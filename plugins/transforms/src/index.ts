export { rewrite } from './rewrite.js'
