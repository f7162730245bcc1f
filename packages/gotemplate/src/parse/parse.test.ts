import { describe, expect, it } from 'vitest'
import { createTemplateSet, TemplateError } from '../index.js'

function problem(text: string): string {
  try {
    createTemplateSet().parse('t', text)
  } catch (error) {
    if (error instanceof TemplateError && error.stage === 'parse') return error.message
    throw error
  }
  return 'no problem'
}

function render(text: string): string {
  const set = createTemplateSet()
  set.parse('t', text)
  return set.execute('t', null)
}

describe('a text that is no template', () => {
  it.each([
    ['{{', 't:1: unclosed action'],
    ['a\n{{ 1\n\n', 't:4: unclosed action started at t:2'],
    ['{{"a\n"}}', 't:1: unterminated quoted string'],
    ['{{`a', 't:1: unterminated raw quoted string'],
    ["{{'a", 't:1: unterminated character constant'],
    ['{{/* a', 't:1: unclosed comment'],
    ['{{/* a */ }}', 't:1: comment ends before closing delimiter'],
    ['{{ /* a */ }}', 't:1: unexpected "/" in command'],
    ['{{(1}}', 't:1: unclosed left paren'],
    ['{{1)}}', 't:1: unexpected right paren'],
    ['{{.a-b}}', "t:1: bad character U+002D '-'"],
    ['{{ 3-}}', 't:1: bad number syntax: "3-"'],
    ['{{1x}}', 't:1: bad number syntax: "1x"'],
    ['{{08}}', 't:1: integer overflow: "08"'],
    ['{{1__0}}', 't:1: illegal number syntax: "1__0"'],
    ['{{18446744073709551616}}', 't:1: integer overflow: "18446744073709551616"'],
    ['{{"\\q"}}', 't:1: invalid syntax'],
    ["{{'ab'}}", "t:1: malformed character constant: 'ab'"],
    ['{{.l.0}}', 't:1: unexpected ".0" in operand'],
    ['{{"a".b}}', 't:1: unexpected . after term "\\"a\\""'],
    ['{{nosuch}}', 't:1: function "nosuch" not defined'],
    ['{{$x}}', 't:1: undefined variable "$x"'],
    ['{{if .a}}', 't:1: unexpected EOF'],
    ['{{if}}{{end}}', 't:1: missing value for if'],
    ['{{}}', 't:1: missing value for command'],
    ['{{end}}', 't:1: unexpected {{end}}'],
    ['{{else}}', 't:1: unexpected {{else}}'],
    ['{{if .}}{{else}}{{else}}{{end}}', 't:1: expected end; found {{else}}'],
    ['{{if .}}{{define "a"}}{{end}}{{end}}', 't:1: unexpected <define> in command'],
    ['{{define a}}{{end}}', 't:1: unexpected "a" in define clause'],
    ['{{define "a"}}x{{end}}{{define "a"}}y{{end}}', 't:1: template: multiple definition of template "a"'],
    ['{{template .a}}', 't:1: unexpected ".a" in template clause'],
    ['{{break}}', 't:1: {{break}} outside {{range}}'],
    ['{{range .}}{{define "a"}}{{continue}}{{end}}{{end}}', 't:1: unexpected <define> in command'],
    ['{{range .}}{{block "a" .}}{{continue}}{{end}}{{end}}', 't:1: {{continue}} outside {{range}}'],
    ['{{1 | 2}}', 't:1: non executable command in pipeline stage 2'],
    ['{{$a, $b := 1}}', 't:1: too many declarations in command'],
    ['{{range $a, .b}}{{end}}', 't:1: range can only initialize variables'],
    ['{{ :a }}', 't:1: expected :='],
    ['{{\u00a0}}', 't:1: unrecognized character in action: U+00A0'],
    ['{{'.concat('('.repeat(2000), ')'.repeat(2000), '}}'), 't:1: max expression depth exceeded'],
  ])('says what is wrong in %j', (text, message) => {
    const told = problem(text)
    expect(told.startsWith('template: ') ? told.slice(10) : told).toBe(message)
  })
})

describe('a text that is a template', () => {
  it.each([
    ['a  \n{{- 1 -}}\t\r\n b', 'a1b'],
    ['a {{-3}} b', 'a -3 b'],
    ['a{{/* c }} */}}b', 'ab'],
    ['a {{- /* c */ -}} b', 'ab'],
    ['{{1\n|\nprint}}', '1'],
    ['a\u00a0{{- 1 }}', 'a\u00a01'],
    [
      "{{'a'}} {{0x1F}} {{0b11}} {{0o17}} {{017}} {{1_000}} {{1e3}} {{1e1_0}} {{0x1p4}} {{1i}} {{1+2i}}",
      '97 31 3 15 15 1000 1000 1e+10 16 (0+1i) (1+2i)',
    ],
    ['{{"\\u00e9\\x41\\101\\n"}}{{`\\n`}}', 'éAA\n\\n'],
    ['{{print (1) (print 2)}}', '12'],
    ['{{block "b" 5}}[{{.}}]{{end}}', '[5]'],
    ['{{define "d"}}D{{end}}{{template "d"}}', 'D'],
    ['{{with $x := 1}}{{$x}}{{else with 2}}no{{end}}', '1'],
    ['{{if false}}{{else if true}}b{{else}}c{{end}}', 'b'],
    ['', ''],
  ])('%j renders', (text, result) => {
    expect(render(text)).toBe(result)
  })

  it('can have other delimiters', () => {
    const set = createTemplateSet({ delimiters: { left: '<<', right: '>>' } })
    set.parse('t', '{{a}} <<- 1 ->> <</* c */>>b')
    expect(set.execute('t', null)).toBe('{{a}}1b')
  })
})
