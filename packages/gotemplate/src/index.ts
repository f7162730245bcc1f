export { builtins } from './builtins.js'
export * from './bytes.js'
export { equal, less } from './compare.js'
export {
  FunctionError,
  functionError,
  LimitError,
  outputTooLarge,
  TemplateError,
  type TemplateErrorDetails,
  valueTooLarge,
} from './errors.js'
export { type Limits, type MissingKey } from './execute/frame.js'
export { isExhaustion } from './execute/invoke.js'
export { type TracedPlace, type TracedText } from './execute/trace.js'
export { floatText, formatFloat, type FloatVerb } from './format/float.js'
export { actionText, printLimit, sprint, sprintf, sprintln, textOf } from './format/print.js'
export { canBackquote, isPrint, quote, quoteRune } from './format/quote.js'
export { unquote } from './format/unquote.js'
export * from './function.js'
export * as ast from './parse/ast.js'
export { type Delimiters } from './parse/token.js'
export { parseFloat, parseInteger } from './parse/number.js'
export {
  createLanguage,
  createTemplateSet,
  defaultLimits,
  type ExecuteOptions,
  type Language,
  type LanguageOptions,
  type ParsedText,
  type TemplateSet,
} from './set.js'
export * from './type.js'
export * from './value.js'
