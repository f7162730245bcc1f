import { z } from 'zod'
import { repositoriesInvalid } from '../errors.js'
import { isYamlMap, readYaml, toJson } from '../yaml/read.js'

const Repositories = z.object({
  repositories: z.array(z.object({ name: z.string(), url: z.string() })).nullish(),
})

/** The addresses of the repositories in a `repositories.yaml` of helm, by their names. Throws `REPOSITORIES_INVALID`. */
export function readRepositories(bytes: Uint8Array, file: string): ReadonlyMap<string, string> {
  const root = readYaml(new TextDecoder().decode(bytes), ({ message }) => repositoriesInvalid(file, message))
  const parsed = Repositories.safeParse(isYamlMap(root) ? toJson(root) : {})
  if (!parsed.success) throw repositoriesInvalid(file, 'it does not list repositories with name and url')
  return new Map((parsed.data.repositories ?? []).map(({ name, url }) => [name, url]))
}
