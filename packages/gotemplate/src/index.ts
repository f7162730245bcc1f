export * from './bytes.js'
export * from './function.js'
export * from './type.js'
export * from './value.js'
