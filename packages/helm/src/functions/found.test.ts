import { describe, expect, it } from 'vitest'
import { loadChart } from '../render/render.js'

async function line(template: string): Promise<string> {
  const files = {
    'Chart.yaml': 'apiVersion: v2\nname: t\nversion: 0.1.0\n',
    'templates/a.yaml': `a: |2\n  ${template}\n`,
  }
  const chart = await loadChart(Object.entries(files).map(([path, text]) => ({ path, bytes: Buffer.from(text) })))
  return chart.render().text().split('\n').slice(3).join('\n').replace(/^ {2}/, '').replace(/\n$/, '')
}

describe('what random templates showed to differ from helm', () => {
  it.each([
    ['{{ cat .none (print " x") "y " | quote }}', '" x y "'],
    ['{{ regexQuoteMeta "a" }}{{ regexMatch "\\\\" "a" }}', 'afalse'],
    ['{{ float64 "1_000" }} {{ float64 "0x1p4" }} {{ float64 "1_0e1_0" }} {{ float64 "1__0" }}', '1000 16 1e+11 0'],
    ['{{ int64 "5." }} {{ int64 "5.0" }} {{ float64 "5." }}', '0 5 5'],
    ['{{ nospace "日" }} {{ nospace "é a" | quote }}', '日 "Ã©a"'],
    ['{{ initials "éa b" }}', 'Ãb'],
    ['{{ title (trunc 4 "日本") }}', '日\ufffd'],
    [
      '{{ toDate "2006 .999" "2020" }} {{ toDate "2006.999" "2020.5" }}',
      '2020-01-01 00:00:00 +0000 UTC 2020-01-01 00:00:00.5 +0000 UTC',
    ],
    ['{{ derivePassword 1 "toString" "a" "b" "c" }}', 'cannot find password template toString'],
    [
      '{{ toToml (dict "z" (list (list (dict "a" (dict "q" 1) "b" 1 "e" nil)))) | quote }}',
      '"z = [[{b = 1, a = {q = 1}}]]\\n"',
    ],
    ['{{ toToml (fromJson "null") | quote }}', '""'],
    ['{{ fromJsonArray "null" | toJson }} {{ fromYamlArray "null" | toJson }}', 'null []'],
    ['{{ (fromJson "1.2.3").Error }}', "invalid character '.' after top-level value"],
    ['{{ (fromJson "1e").Error }}', "invalid character ' ' in exponent of numeric literal"],
    ['{{ (fromJson "1e+x").Error }}', "invalid character 'x' in exponent of numeric literal"],
    ['{{ (fromJson "tru").Error }}', "invalid character ' ' in literal true (expecting 'e')"],
    [
      '{{ fromYaml "" | toJson }} {{ set (fromYaml "# c") "a" 1 | toJson }} {{ fromJson "null" | toJson }}',
      '{} {"a":1} null',
    ],
    ['{{ (fromYaml "...").Error }}', 'error converting YAML to JSON: yaml: did not find expected node content'],
    ['{{ title "ǆ ა ᾳ" }} {{ upper "ǆ ა ᾳ" }} {{ swapcase "ა xა" }}', 'ǅ ა ᾼ Ǆ Ა ᾼ ა XᲐ'],
    ['{{ camelcase "_" }} {{ camelcase "--" }} {{ camelcase "_a" }}', '__ --- _A'],
    ['{{ chunk -4 (list 1) }} {{ chunk -4 (list 1 2) }} {{ chunk 2 (list 1 2 3) }}', '[[1]] [] [[1 2] [3]]'],
    ['{{ toToml (dict "a" (list (dict "x" nil "y" 1))) | quote }}', '"[[a]]\\n  y = 1\\n"'],
    ['{{ toToml (dict "a" (list (list (dict "x" nil "y" 1)))) | quote }}', '"a = [[{y = 1}]]\\n"'],
    [
      '{{ toYaml (dict "9223372036854775808" 1 "3" 2 "%" 3) | quote }}',
      '"\\"9223372036854775808\\": 1\\n\'%\': 3\\n\\"3\\": 2"',
    ],
    ['{{ toYaml (dict "a\u0085b" 1) | quote }} {{ toYaml (dict "a" "b\u0085c") | quote }}', '"" "a: b c"'],
    ['{{ (fromJson "\u00e9").Error }}', "invalid character '\u00c3' looking for beginning of value"],
  ])('is alike now: %s', async (template, expected) => {
    expect(await line(template)).toBe(expected)
  })

  it('is an error as in helm', async () => {
    await expect(line('{{ chunk -1 (list 1) | len }}')).rejects.toThrow('makeslice: len out of range')
    const cycle = '{{ $d := dict }}{{ $_ := set $d "a" $d }}{{ toRawJson $d }}'
    await expect(line(cycle)).rejects.toThrow('encountered a cycle via map[string]interface {}')
    await expect(line('{{ mustToDate "2006" "é" }}')).rejects.toThrow('parsing time "\\xc3\\xa9"')
    await expect(line('{{ mustRegexMatch "\\\\" "a" }}')).rejects.toThrow('trailing backslash at end of expression: ``')
  })
})
