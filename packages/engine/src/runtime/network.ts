import type { Clock } from '@ropeway/distribution'
