const units: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }

/** An age as people write it, `90d`, `12h`, `4w`, `30m`, in milliseconds; `undefined` for anything else. */
export function age(text: string): number | undefined {
  const [, digits, unit = ''] = /^(\d{1,6})([mhdw])$/.exec(text.trim()) ?? []
  const length = units[unit]
  return digits === undefined || length === undefined ? undefined : Number(digits) * length
}
