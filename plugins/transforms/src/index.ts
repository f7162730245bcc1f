export { rewrite } from './rewrite.js'
export { normalise } from './normalise.js'
export { overlay } from './overlay/overlay.js'
