import { describe, it } from 'vitest'
import { paperFileSetup, paperMultipartSetup, paperReleaseSetup, paperStoreSetup } from '../paper/setups.js'
import { testMutants } from './mutant.fixture.js'
import { artifactsMutants } from './sink-artifacts.fixture.js'
import { bytesMutants } from './sink-bytes.fixture.js'
import { conductMutants } from './sink-conduct.fixture.js'
import { storeMutants } from './sink-store.fixture.js'
import { checkSink, sinkCases, testSink } from './sink.js'

testSink(paperStoreSetup(), { describe, it })
testSink(paperStoreSetup({ mounts: true }), { describe, it })
testSink(paperFileSetup(), { describe, it })
testSink(paperMultipartSetup(), { describe, it })
testSink(paperReleaseSetup(), { describe, it })

testMutants('sink', sinkCases, checkSink, [...conductMutants, ...storeMutants, ...bytesMutants, ...artifactsMutants])
