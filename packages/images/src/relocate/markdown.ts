import type { Proof, ProvedReference } from '../chart/types.js'

/** A proof for people who review it. */
export function proofMarkdown(proof: Proof): string {
  const { chart, version, mode, references } = proof
  const name = version === '' ? chart : `${chart} ${version}`
  const sections = [
    `# Relocation of ${name}\n\n${verdict(proof)}`,
    table(
      'Unproved',
      ['reference', 'now', 'why', 'what to do', 'places'],
      references.filter(({ proved }) => !proved),
      unprovedRow,
    ),
    table('Differences that nothing explains', ['place', 'before', 'after'], proof.differences, (each) => [
      each.place,
      code(each.before),
      code(each.after),
    ]),
    table(
      'Moved',
      ['reference', 'now', 'by', 'places'],
      references.filter(({ proved }) => proved),
      movedRow,
    ),
    table('Computed from moved references', ['place', 'before', 'after', 'why'], proof.computed, (each) => [
      each.place,
      code(each.before),
      code(each.after),
      each.why,
    ]),
    table('Rendered for the proof', ['with', 'objects'], proof.renders, ({ switch: flipped, objects }) => [
      flipped === undefined ? `the given values (${mode})` : switchText(flipped),
      String(objects),
    ]),
  ]
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`
}

function verdict({ proved, mode, references, computed, differences }: Proof): string {
  const how = mode === 'embed' ? 'the relocated chart' : 'the chart with the values in values.yaml given last'
  const count = (number: number, what: string): string => `${String(number)} ${what}${number === 1 ? '' : 's'}`
  if (!proved) {
    const open = references.filter((reference) => !reference.proved).length
    return `**Not proved**: ${count(open, 'reference')} and ${count(differences.length, 'difference')} are open.`
  }
  const kept = references.filter(({ how: way }) => way === 'excluded').length
  const rest =
    computed.length === 0
      ? 'nothing else differs'
      : `besides, ${count(computed.length, 'place')} computed from them differ`
  const excluded = kept === 0 ? '' : `, ${String(kept)} of them excluded`
  return `**Proved**: rendered with the same seed, ${how} holds ${count(references.length, 'reference')} at its destination${excluded}, and ${rest}.`
}

function unprovedRow({ before, after, reason = '', hint = '', places }: ProvedReference): string[] {
  return [code(before), code(after), reason, hint, list(places)]
}

function movedRow({
  before,
  after,
  how,
  values = [],
  patched = [],
  switch: flipped,
  places,
}: ProvedReference): string[] {
  const by = how === 'excluded' ? 'excluded: stays' : [...values, ...patched].map(code).join('<br>')
  const needs = flipped === undefined ? '' : `<br>with ${switchText(flipped)}`
  return [code(before), code(after), by + needs, list(places)]
}

function switchText(flipped: NonNullable<ProvedReference['switch']>): string {
  return Object.entries(flipped)
    .map(([path, value]) => code(`${path}=${String(value)}`))
    .join(' ')
}

/** Places that one cell shows. */
const mostPlaces = 5

function list(places: readonly string[]): string {
  const shown = places.slice(0, mostPlaces).map(code)
  if (places.length > mostPlaces) shown.push(`and ${String(places.length - mostPlaces)} more`)
  return shown.join('<br>')
}

function code(text: string): string {
  const line = text.length > 300 ? `${text.slice(0, 300)}…` : text
  return `\`${line.replaceAll(/\s+/g, ' ').replaceAll('`', "'")}\``
}

function table<T>(
  title: string,
  head: readonly string[],
  rows: readonly T[],
  cells: (row: T) => readonly string[],
): string {
  if (rows.length === 0) return ''
  const line = (texts: readonly string[]): string =>
    `| ${texts.map((text) => text.replaceAll('|', '\\|')).join(' | ')} |`
  return [`## ${title}\n`, line(head), line(head.map(() => '---')), ...rows.map((row) => line(cells(row)))].join('\n')
}
