import { z } from 'zod'

const bodySchema = z.object({
  errors: z.array(
    z.object({
      code: z.coerce.string().catch(''),
      message: z.string().catch(''),
      detail: z.unknown().optional(),
    }),
  ),
})

export interface RegistryError {
  readonly code: string
  readonly message: string
}

/** The errors that a registry lists in its answer (distribution-spec, "Error Codes"); none when it is no such list. */
export function registryErrors(text: string): readonly RegistryError[] {
  try {
    const body = bodySchema.safeParse(JSON.parse(text))
    return body.success ? body.data.errors.map(({ code, message }) => ({ code, message })) : []
  } catch {
    return []
  }
}

/** Whether the answer lists one of these codes. */
export function hasCode(text: string, ...codes: readonly string[]): boolean {
  return registryErrors(text).some(({ code }) => codes.includes(code))
}

/** An answer's words for people: its listed errors, else its text unless it is a web page or XML. */
export function errorText(text: string): string {
  const listed = registryErrors(text).map(({ code, message }) =>
    [code, message].filter((part) => part !== '').join(': '),
  )
  if (listed.length > 0) return [...new Set(listed)].join('; ')
  if (!/^\s*</.test(text)) return text
  const title = /<(?:title|Message)>\s*([^<]*?)\s*<\//i.exec(text)?.[1] ?? ''
  return title
}
