import { describe, it } from 'vitest'
import { paperMultipartSetup, paperReleaseSetup, paperSourceSetup, paperStoreSetup } from '../paper/setups.js'
import { testSink } from './sink.js'
import { testSource } from './source.js'

testSource(paperSourceSetup(), { describe, it })
testSink(paperStoreSetup(), { describe, it })
testSink(paperMultipartSetup(), { describe, it })
testSink(paperReleaseSetup(), { describe, it })
