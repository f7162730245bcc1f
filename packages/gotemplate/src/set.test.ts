import { describe, expect, it } from 'vitest'
import {
  contextFunc,
  createLanguage,
  createTemplateSet,
  FunctionError,
  func,
  functionError,
  GoBytes,
  GoMap,
  int64,
  makeMap,
  makePointer,
  makeSlice,
  makeStrings,
  makeStringMap,
  makeStruct,
  mapType,
  method,
  namedType,
  nilPointer,
  structType,
  TemplateError,
  textOf,
  types,
  uint64,
  type ExecuteOptions,
  type LanguageOptions,
  type Value,
} from './index.js'

const values = namedType('app.Values', mapType, {
  methods: new Map([
    ['Size', method('', (map: GoMap) => BigInt(map.entries.size), { result: 'int' })],
    ['At', method('string', (map: GoMap, key) => map.entries.get(key) ?? null)],
  ]),
})
const inner = structType('app.Inner', [{ name: 'Name', type: types.string }], {
  string: (value) => `inner ${textOf(value.fields.get('Name') ?? null)}`,
  stringOnPointer: true,
})
const outer = structType(
  'app.Outer',
  [
    { name: 'Inner', type: inner },
    { name: 'Any', type: types.any },
  ],
  {
    methods: new Map([
      ['Join', method('...string', (_self: Value, ...parts) => parts.join('+'), { result: 'string' })],
    ]),
  },
)

const data = makeMap([
  ['a', 'A'],
  ['n', 1000000],
  ['i', 3n],
  ['nil', null],
  [
    'm',
    makeMap([
      ['z', 1],
      ['b', 'x'],
      ['a', null],
    ]),
  ],
  ['l', makeSlice(['p', 2, null])],
  ['s', makeStrings(['x', 'y'])],
  ['sm', makeStringMap([['k', 'v']])],
  ['bytes', new GoBytes(Uint8Array.of(65, 66))],
  [
    'v',
    new GoMap(
      values,
      new Map<string, Value>([
        ['k', 1n],
        ['Size', 'hidden'],
      ]),
    ),
  ],
  ['o', makePointer(outer, { Inner: makeStruct(inner, { Name: 'I' }), Any: null })],
  ['np', nilPointer(outer)],
])

const functions = {
  boom: func('any', () => {
    throw functionError('it broke')
  }),
  dict: func('...any', (...pairs) => makeMap([[textOf(pairs[0] ?? 'k'), pairs[1] ?? null]]), {
    result: 'map[string]any',
  }),
  f: func('float64', (value) => value),
  i: func('int', (value) => value, { result: 'int' }),
  i64: func('int64', (value) => value),
  include: contextFunc('string, any', (context, name, dot) => context.execute(name, dot), { result: 'string' }),
  list: func('...any', (...items) => makeSlice(items), { result: '[]any' }),
  map: func('map[string]any', (map) => map.type.name, { result: 'string' }),
  seen: contextFunc('', (context) => context.host as string),
  str: func('string', (value) => value, { result: 'string' }),
  strs: func('[]string, ...int', (all, ...counts) => BigInt(all.items.length + counts.length)),
  text: contextFunc('string, any', (context, text, dot) => context.executeText('inner', text, dot), {
    result: 'string',
  }),
  yes: func('bool', (value) => value),
}

function render(text: string, options: LanguageOptions & ExecuteOptions = {}): string {
  const set = createTemplateSet({ functions, missingKey: 'zero', ...options })
  set.parse('t', text)
  return set.execute('t', data, options)
}

function problem(text: string, options: LanguageOptions & ExecuteOptions = {}): string {
  try {
    return `no problem: ${render(text, options)}`
  } catch (error) {
    if (error instanceof TemplateError) return error.message.replace('template: t:', '')
    throw error
  }
}

describe('a template', () => {
  it.each([
    [
      '{{.a}} {{.n}} {{.i}} {{.nil}} {{.zz}} {{.l}} {{.m}}',
      'A 1e+06 3 <no value> <no value> [p 2 <nil>] map[a:<nil> b:x z:1]',
    ],
    ['{{(.zz).y}}|{{((.zz).y).x}}|{{$x := .zz}}{{$x.y}}', '<no value>|<no value>|<no value>'],
    ['{{.sm.k}}|{{.sm.none}}|', 'v||'],
    ['{{.m.zz}}{{$.m.b}}', '<no value>x'],
    ['{{with .a}}{{.}}{{$.i}}{{else}}no{{end}}{{with .nil}}no{{else}}{{.a}}{{end}}', 'A3A'],
    ['{{range .l}}<{{.}}>{{end}}{{range $i, $e := .s}}{{$i}}{{$e}}{{end}}', '<p><2><<no value>>0x1y'],
    ['{{range $k, $v := .m}}{{$k}}={{$v}} {{end}}{{range .m}}{{.}},{{end}}', 'a=<no value> b=x z=1 <no value>,x,1,'],
    ['{{range 3}}{{.}}{{end}}{{range $x := .i}}{{$x}}{{end}}{{range 0}}{{else}}none{{end}}', '012012none'],
    ['{{range .bytes}}{{.}},{{end}}{{range .nil}}{{else}}e{{end}}', '65,66,e'],
    ['{{range list 1 2 3 4}}{{if eq . 2}}{{continue}}{{end}}{{if eq . 4}}{{break}}{{end}}{{.}}{{end}}', '13'],
    ['{{range .s}}{{range list}}{{else}}{{break}}{{end}}{{.}}{{end}}', 'xy'],
    ['{{$x := 1}}{{if true}}{{$x := 2}}{{$x}}{{end}}{{$x}}{{if true}}{{$x = 3}}{{end}}{{$x}}', '213'],
    ['{{$v := 0}}{{$i := 0}}{{range $i, $v = .s}}{{end}}{{$i}}{{$v}}', '1y'],
    ['{{$ = .m}}{{$.b}}{{.a}}', 'xA'],
    ['{{define "d"}}{{.}}{{$}}{{end}}{{template "d"}}{{template "d" 1}}', '<no value><no value>11'],
    ['{{and .a 0 (boom 1)}}{{or 0 .a (boom 1)}}{{.a | and 1}}{{not 0}}', '0AAtrue'],
    [
      '{{.v.Size}} {{.v.At "k"}} {{"k" | .v.At}} {{.v.k}} {{map .v}} {{printf "%T" .v}}',
      '2 1 1 1 map[string]interface {} app.Values',
    ],
    [
      '{{.o.Inner}} {{print .o.Inner}} {{.o.Inner.Name}} {{.o.Join "a" "b"}} {{.o.Any}} {{.np}}',
      'inner I {I} I a+b <no value> <nil>',
    ],
    [
      '{{f 1}} {{f 1.5}} {{i 3.0}} {{i64 5}} {{yes true}} {{strs .s 1 2}} {{map nil}}',
      '1 1.5 3 5 true 4 map[string]interface {}',
    ],
    [
      '{{index .l 0}}{{index .m "b"}}{{index .sm "none"}}{{index .s 1}}{{index "ab" 1}}{{index .m "zz"}}',
      'pxy98<no value>',
    ],
    ['{{len "é"}}{{len .l}}{{len .m}}{{slice "hello" 1 3}}{{slice .s 1}}', '233el[y]'],
    [
      `{{html "<a href='x'>&\\""}} {{js "it's <b>\\n"}} {{urlquery "a b/ü"}} {{html .nil}}`,
      `&lt;a href=&#39;x&#39;&gt;&amp;&#34; it\\'s \\u003Cb\\u003E\\u000A a+b%2F%C3%BC &lt;no value&gt;`,
    ],
    [
      '{{eq 1 2 1}}{{eq .nil nil}}{{eq .a nil}}{{ne "a" "b"}}{{lt 1 2}}{{le 2 2}}{{gt 1.5 1.0}}{{ge "b" "a"}}',
      'truetruefalsetruetruetruetruetrue',
    ],
    ['{{text "{{define \\"in\\"}}[{{.a}}]{{end}}{{template \\"in\\" .}}" .}}', '[A]'],
    ['{{define "d"}}{{.a}}{{end}}{{include "d" . | printf "%s!"}}', 'A!'],
  ])('%s', (text, result) => {
    expect(render(text)).toBe(result)
  })

  it('tells missing keys as the language was asked to', () => {
    expect(render('{{.zz}}|{{.zz.y}}|{{.sm.zz}}', { missingKey: 'default' })).toBe('<no value>|<no value>|<no value>')
    expect(problem('{{.zz}}', { missingKey: 'error' })).toBe(
      '1:2: executing "t" at <.zz>: map has no entry for key "zz"',
    )
  })

  it.each([
    ['{{.zz.y}}', '1:5: executing "t" at <.zz.y>: nil pointer evaluating interface {}.y'],
    ['\n  é{{.a.x}}', '2:8: executing "t" at <.a.x>: can\'t evaluate field x in type interface {}'],
    ['{{$x := .a}}{{$x.y}}', '1:16: executing "t" at <$x.y>: can\'t evaluate field y in type string'],
    ['{{range .l}}{{.x}}{{end}}', '1:14: executing "t" at <.x>: can\'t evaluate field x in type interface {}'],
    ['{{with .a}}{{.x}}{{end}}', '1:13: executing "t" at <.x>: can\'t evaluate field x in type string'],
    ['{{.m.b 1}}', '1:4: executing "t" at <.m.b>: b is not a method but has arguments'],
    ['{{.o.Nope}}', '1:4: executing "t" at <.o.Nope>: can\'t evaluate field Nope in type interface {}'],
    ['{{.o.Inner 1}}', '1:4: executing "t" at <.o.Inner>: Inner has arguments but cannot be invoked as function'],
    ['{{.np.Inner}}', '1:5: executing "t" at <.np.Inner>: nil pointer evaluating interface {}.Inner'],
    ['{{.v.At}}', '1:4: executing "t" at <.v.At>: wrong number of args for At: want 1 got 0'],
    ['{{str 1}}', '1:6: executing "t" at <1>: expected string; found 1'],
    ['{{i "3"}}', '1:4: executing "t" at <"3">: expected integer; found "3"'],
    ['{{yes "x"}}', '1:6: executing "t" at <"x">: expected bool; found "x"'],
    ['{{map "x"}}', '1:6: executing "t" at <"x">: can\'t handle "x" for arg of type map[string]interface {}'],
    ['{{str .n}}', '1:6: executing "t" at <.n>: wrong type for value; expected string; got float64'],
    ['{{str .nil}}', '1:6: executing "t" at <.nil>: wrong type for value; expected string; got interface {}'],
    ['{{.nil | str}}', '1:9: executing "t" at <str>: invalid value; expected string'],
    ['{{str nil}}', '1:6: executing "t" at <nil>: cannot assign nil to string'],
    ['{{strs .l}}', '1:7: executing "t" at <.l>: wrong type for value; expected []string; got []interface {}'],
    ['{{str}}', '1:2: executing "t" at <str>: wrong number of args for str: want 1 got 0'],
    ['{{strs}}', '1:2: executing "t" at <strs>: wrong number of args for strs: want at least 1 got 0'],
    ['{{boom 1}}', '1:2: executing "t" at <boom 1>: error calling boom: it broke'],
    [
      '{{define "d"}}{{boom .}}{{end}}{{include "d" .}}',
      '1:33: executing "t" at <include "d" .>: error calling include: template: t:1:16: executing "d" at <boom .>: error calling boom: it broke',
    ],
    [
      '{{include "none" .}}',
      '1:2: executing "t" at <include "none" .>: error calling include: template: no template "none" associated with template ""',
    ],
    ['{{template "none"}}', '1:11: executing "t" at <{{template "none"}}>: template "none" not defined'],
    [
      '{{eq .n 1}}',
      '1:2: executing "t" at <eq .n 1>: error calling eq: incompatible types for comparison: float64 and int',
    ],
    [
      '{{eq .l .l}}',
      '1:2: executing "t" at <eq .l .l>: error calling eq: non-comparable type [p %!s(float64=2) <nil>]: []interface {}',
    ],
    ['{{gt .l .l}}', '1:2: executing "t" at <gt .l .l>: error calling gt: invalid type for comparison'],
    ['{{eq 1}}', '1:2: executing "t" at <eq 1>: error calling eq: missing argument for comparison'],
    ['{{index .l 3}}', '1:2: executing "t" at <index .l 3>: error calling index: reflect: slice index out of range'],
    ['{{index .l 4}}', '1:2: executing "t" at <index .l 4>: error calling index: index out of range: 4'],
    ['{{index .m 1}}', '1:2: executing "t" at <index .m 1>: error calling index: value has type int; should be string'],
    ['{{len .i}}', '1:2: executing "t" at <len .i>: error calling len: len of type int'],
    ['{{call .a}}', '1:2: executing "t" at <call .a>: error calling call: non-function .a of type string'],
    ['{{range .n}}{{end}}', '1:8: executing "t" at <.n>: range can\'t iterate over 1e+06'],
    ['{{range $a, $b := 3}}{{end}}', '1:18: executing "t" at <3>: can\'t use 3 to iterate over more than one variable'],
    ['{{$y = 1}}', '1:2: executing "t" at <1>: undefined variable: $y'.replace('1:2', '1:7')],
    ['{{"a" 1}}', '1:2: executing "t" at <"a">: can\'t give argument to non-function "a"'],
    ['{{nil}}', '1:2: executing "t" at <nil>: nil is not a command'],
    ['{{9223372036854775808}}', '1:2: executing "t" at <9223372036854775808>: 9223372036854775808 overflows int'],
  ])('that fails says where and why, as Go does: %j', (text, message) => {
    expect(problem(text)).toBe(message)
  })

  it('tells its errors apart, with what a function has thrown as the cause', () => {
    const set = createTemplateSet({ functions })
    set.parse('file', 'a\n{{define "d"}}{{boom .}}{{end}}{{include "d" .}}')
    let error: unknown
    try {
      set.execute('file', null)
    } catch (thrown) {
      error = thrown
    }
    expect(error).toMatchObject({
      stage: 'execute',
      file: 'file',
      line: 2,
      column: 33,
      executing: 'file',
      node: 'include "d" .',
    })
    const cause = (error as TemplateError).cause
    expect(cause).toMatchObject({ executing: 'd', location: 'file:2:16', detail: 'error calling boom: it broke' })
    expect((cause as TemplateError).cause).toBeInstanceOf(FunctionError)
  })
})

describe('limits', () => {
  const endless: [string, string, ExecuteOptions['limits']][] = [
    ['work', '{{range 9223372036854775807}}{{end}}', { steps: 1000 }],
    ['output', '{{range 1000}}aaaaaaaaaa{{.}}{{end}}', { output: 500 }],
    ['text of functions', '{{$x := "ab"}}{{range 100}}{{$x = print $x $x}}{{end}}', { output: 5000 }],
    ['values within values', '{{$x := list 1}}{{range 60}}{{$x = list $x $x}}{{end}}{{$x}}', { output: 5000 }],
    ['depth', '{{define "d"}}{{template "d"}}{{end}}{{template "d"}}', { depth: 50 }],
    ['depth through functions', '{{define "d"}}{{include "d" .}}{{end}}{{include "d" .}}', { depth: 50 }],
    ['the stack', '{{define "d"}}{{template "d"}}{{end}}{{template "d"}}', {}],
    ['the stack through functions', '{{define "d"}}{{include "d" .}}{{end}}{{include "d" .}}', {}],
    ['time', '{{range 9223372036854775807}}{{end}}', { expired: () => true }],
  ]
  it.each(endless)('of %s end a template with an error that names the place', (_what, text, limits) => {
    const set = createTemplateSet({ functions })
    set.parse('t', text)
    expect(() => set.execute('t', null, { limits })).toThrow(
      expect.objectContaining({ stage: 'limit', file: 't', line: 1 }),
    )
  })

  it('end a value that holds itself', () => {
    const self = makeMap()
    self.entries.set('self', self)
    const set = createTemplateSet()
    set.parse('t', '{{.}}')
    expect(() => set.execute('t', self)).toThrow(/nested too deeply/)
  })
})

describe('sets', () => {
  it('replace definitions by later ones, but never by empty ones', () => {
    const set = createTemplateSet()
    set.parse('a', '{{define "d"}}1{{end}}')
    set.parse('b', '{{define "d"}}2{{end}}{{template "d"}}')
    set.parse('c', '{{define "d"}} {{/* nothing */}} {{end}}')
    expect(set.execute('b', null)).toBe('2')
    expect(set.names()).toEqual(['d', 'a', 'b', 'c'])
    expect(set.has('d')).toBe(true)
  })

  it('are cloned, and then go their own ways', () => {
    const set = createTemplateSet()
    set.parse('a', '{{define "d"}}1{{end}}{{template "d"}}')
    const copy = set.clone()
    copy.parse('b', '{{define "d"}}2{{end}}')
    expect([set.execute('a', null), copy.execute('a', null)]).toEqual(['1', '2'])
    expect(set.has('b')).toBe(false)
  })

  it('share texts that are parsed once', () => {
    const language = createLanguage({ functions })
    const parsed = language.parse('lib', '{{define "name"}}<{{.}}>{{end}}')
    const sets = ['x', 'y'].map((name) => {
      const set = language.createSet()
      set.add(parsed)
      set.parse('main', `${name}{{template "name" .}}`)
      return set
    })
    expect(sets.map((set) => set.execute('main', 1n))).toEqual(['x<1>', 'y<1>'])
  })

  it('hide what a text defines that a function has executed', () => {
    const text =
      '{{define "d"}}out{{end}}{{text "{{define \\"d\\"}}in{{end}}{{include \\"d\\" .}}" .}} {{template "d"}}'
    expect(render(text)).toBe('in out')
  })

  it('give the host back what it has passed in', () => {
    expect(render('{{seen}}', { host: 'hello' })).toBe('hello')
  })

  it('let the host replace the functions of the language', () => {
    const own = { len: func('any', () => 'mine'), and: func('...any', (...all) => BigInt(all.length)) }
    expect(render('{{len 1}} {{and 0 1 2}}', { functions: own })).toBe('mine 3')
  })

  it('refuse an unknown name', () => {
    expect(() => createTemplateSet({ name: 'set' }).execute('x', null)).toThrow(
      'no template "x" associated with template "set"',
    )
  })
})

describe('signatures', () => {
  it('know the types of Go', () => {
    const named = namedType('time.Duration', types.int64)
    const fn = func('[]byte, map[string]string, *Point, Duration, ...any', () => null, {
      types: { Point: structType('geo.Point'), Duration: named },
      result: named,
    })
    expect(fn.params.map((type) => type.name)).toEqual([
      '[]uint8',
      'map[string]string',
      '*geo.Point',
      'time.Duration',
      'interface {}',
    ])
    expect(fn.variadic).toBe(true)
    expect(() => func('nope', () => null)).toThrow('"nope" is not a known Go type')
  })

  it('tell int64 from int and uint64', () => {
    const set = createTemplateSet({ functions })
    set.parse('t', '{{i .}}')
    expect(() => set.execute('t', int64(5))).toThrow('expected int; got int64')
    set.parse('u', '{{eq . 5}}{{lt . 6}}')
    expect(set.execute('u', uint64(5))).toBe('truetrue')
  })
})
