import type { GoFunction } from '@ropeway/gotemplate'
import { certificateFunctions } from './certificates.js'
import { dateFunctions } from './dates.js'
import { dictFunctions } from './dicts.js'
import { encodingFunctions } from './encoding.js'
import { flowFunctions } from './flow.js'
import { helmFunctions } from './helm.js'
import { listFunctions } from './lists.js'
import { mathFunctions } from './math.js'
import { pathFunctions } from './paths.js'
import { randomFunctions } from './random.js'
import { regexFunctions } from './regex.js'
import { secretFunctions } from './secrets.js'
import { semverFunctions } from './semver.js'
import { stringFunctions } from './strings.js'
import { urlFunctions } from './url.js'

/** All functions that Helm 4.1 gives to templates besides Go's own. */
export const templateFunctions: Readonly<Record<string, GoFunction>> = {
  ...flowFunctions,
  ...stringFunctions,
  ...listFunctions,
  ...dictFunctions,
  ...mathFunctions,
  ...regexFunctions,
  ...semverFunctions,
  ...pathFunctions,
  ...randomFunctions,
  ...encodingFunctions,
  ...urlFunctions,
  ...dateFunctions,
  ...certificateFunctions,
  ...secretFunctions,
  ...helmFunctions,
}
