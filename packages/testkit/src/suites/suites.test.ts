import { describe, it } from 'vitest'
import {
  paperCredentialsSetup,
  paperFileSetup,
  paperLabelSetup,
  paperMultipartSetup,
  paperReleaseSetup,
  paperRenameSetup,
  paperSourceSetup,
  paperStoreSetup,
} from '../paper/setups.js'
import { testCredentials } from './credentials.js'
import { testSink } from './sink.js'
import { testSource } from './source.js'
import { testTransform } from './transform.js'

testSource(paperSourceSetup(), { describe, it })
testTransform(paperRenameSetup(), { describe, it })
testTransform(paperLabelSetup(), { describe, it })
testSink(paperStoreSetup(), { describe, it })
testSink(paperStoreSetup({ mounts: true }), { describe, it })
testSink(paperFileSetup(), { describe, it })
testSink(paperMultipartSetup(), { describe, it })
testSink(paperReleaseSetup(), { describe, it })
testCredentials(paperCredentialsSetup(), { describe, it })
