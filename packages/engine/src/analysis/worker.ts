import { parentPort } from 'node:worker_threads'
import { imagesAnalysis } from './images.js'
import { packError, perform, type Answer, type Job } from './jobs.js'

/** A thread that does one job after the other. */
parentPort?.on('message', (job: Job) => {
  const answer = (message: Answer): void => parentPort?.postMessage(message)
  perform(job, imagesAnalysis).then(
    (value) => answer({ value }),
    (error: unknown) => answer({ error: packError(error) }),
  )
})
