import { describe, expect, it } from 'vitest'
import {
  canBackquote,
  floatText,
  formatFloat,
  fromBytes,
  func,
  GoBytes,
  GoComplex,
  GoNumber,
  int64,
  LimitError,
  makeInts,
  makeMap,
  makePointer,
  makeSlice,
  makeStringMap,
  makeStrings,
  makeStruct,
  nilMap,
  nilPointer,
  nilSlice,
  quote,
  quoteRune,
  sprint,
  sprintf,
  sprintln,
  structType,
  textOf,
  types,
  uint64,
  unquote,
  type Value,
} from '../index.js'

describe('floats', () => {
  it.each([
    [100000, '100000'],
    [123456, '123456'],
    [1000000, '1e+06'],
    [12345678, '1.2345678e+07'],
    [1234567.5, '1.2345675e+06'],
    [0.0001, '0.0001'],
    [0.00001, '1e-05'],
    [3, '3'],
    [-0, '-0'],
    [0, '0'],
    [0.1, '0.1'],
    [1e21, '1e+21'],
    [1e100, '1e+100'],
    [5e-324, '5e-324'],
    [Infinity, '+Inf'],
    [NaN, 'NaN'],
  ])('%d is written as %s', (value, text) => {
    expect(floatText(value)).toBe(text)
  })

  it('are rounded half to even, on their exact value', () => {
    const rounded = [0.5, 1.5, 2.5, 0.25, 0.35, 2.675].map((value) =>
      formatFloat(value, 'f', value > 1 && value < 2.6 ? 0 : 1),
    )
    expect(rounded).toEqual(['0.5', '2', '2', '0.2', '0.3', '2.7'])
    expect(formatFloat(0.5, 'f', 0)).toBe('0')
    expect(formatFloat(1e23, 'f', 0)).toBe('99999999999999991611392')
    expect(formatFloat(0.1, 'f', 30)).toBe('0.100000000000000005551115123126')
  })

  it('know the other styles', () => {
    expect(formatFloat(1, 'x', -1)).toBe('0x1p+00')
    expect(formatFloat(1.5, 'X', 3)).toBe('0X1.800P+00')
    expect(formatFloat(1, 'b', -1)).toBe('4503599627370496p-52')
    expect(formatFloat(123456.789, 'e', 2)).toBe('1.23e+05')
    expect(formatFloat(99.99, 'g', 3)).toBe('100')
    expect(formatFloat(Math.fround(0.1), 'g', -1, 32)).toBe('0.1')
  })
})

describe('quoting', () => {
  it.each([
    ['a"b\\c', '"a\\"b\\\\c"'],
    ['\x07\b\f\n\r\t\v\x01\x7f', '"\\a\\b\\f\\n\\r\\t\\v\\x01\\x7f"'],
    ['é\u00a0\u2028\ufeff😀\u{10ffff}', '"é\\u00a0\\u2028\\ufeff😀\\U0010ffff"'],
    [fromBytes(Uint8Array.of(0x68, 0xe9)), '"h\\xe9"'],
  ])('is that of Go: %j', (text, quoted) => {
    expect(quote(text)).toBe(quoted)
    expect(unquote(quoted)).toBe(text)
  })

  it('knows runes, ASCII and backquotes', () => {
    expect(quote('é😀', true)).toBe('"\\u00e9\\U0001f600"')
    expect(quoteRune(0x27)).toBe("'\\''")
    expect(quoteRune(-1)).toBe("'\ufffd'")
    expect(canBackquote('a\tb')).toBe(true)
    expect(canBackquote('a`b')).toBe(false)
    expect(unquote('"\\q"')).toBeUndefined()
    expect(unquote('`a\r\nb`')).toBe('a\nb')
  })
})

const point = structType('geo.Point', [
  { name: 'X', type: types.int },
  { name: 'Label', type: types.string },
  { name: 'Any', type: types.any },
])
const version = structType('v.Version', [], { string: (value) => `v${String(value.native)}` })

describe('printf', () => {
  it.each<[string, Value[], string]>([
    ['%v %d %s', ['a', 5n, 'b'], 'a 5 b'],
    ['%d', ['x'], '%!d(string=x)'],
    ['%d', [1], '%!d(float64=1)'],
    ['%s', [1n], '%!s(int=1)'],
    ['%s %v %d', [null, null, null], '%!s(<nil>) <nil> %!d(<nil>)'],
    ['%d', [], '%!d(MISSING)'],
    ['a', [2n, 'a', null], 'a%!(EXTRA int=2, string=a, <nil>)'],
    ['100%', [], '100%!(NOVERB)'],
    ['%!', [1n], '%!!(int=1)'],
    ['%[2]d %[1]d', [1n, 2n], '2 1'],
    ['%[3]d', [1n], '%!d(BADINDEX)'],
    ['%*d|%-*d', [5n, 1n, 3n, 2n], '    1|2  '],
    ['%*d', ['x', 1n], '%!(BADWIDTH)1'],
    ['%.*f', [2n, 1.239], '1.24'],
    [
      '%05d %+d % d %x %X %o %O %b %c %q %U',
      [-42n, 5n, 5n, 255n, 255n, 8n, 8n, 5n, 65n, 65n, 0x1f600n],
      "-0042 +5  5 ff FF 10 0o10 101 A 'A' U+1F600",
    ],
    ['%#x %#o %#b %#U', [255n, 8n, 5n, 0x41n], "0xff 010 0b101 U+0041 'A'"],
    ['%6.2f|%-8.3f|%+.1e|%g|%G', [3.14159, 2.5, 12345, 1e-7, 1e-7], '  3.14|2.500   |+1.2e+04|1e-07|1E-07'],
    [
      '%6s|%-6s|%06s|%.2s|%q|%+q|%#q|%x|% X',
      ['é', 'ab', 'ab', 'héé', 'a"', 'é', 'ab', 'hi', 'hi'],
      '     é|ab    |0000ab|hé|"a\\""|"\\u00e9"|`ab`|6869|68 69',
    ],
    ['%t %v %s', [true, false, true], 'true false %!s(bool=true)'],
    ['%s', [makeSlice(['a', 1, null])], '[a %!s(float64=1) <nil>]'],
    [
      '%v %d',
      [
        makeMap([
          ['b', 1n],
          ['a', makeSlice([])],
        ]),
        makeStringMap([['k', 'v']]),
      ],
      'map[a:[] b:1] map[%!d(string=k):%!d(string=v)]',
    ],
    ['%#v', [makeSlice(['a', 1n, null])], '[]interface {}{"a", 1, interface {}(nil)}'],
    [
      '%#v %#v',
      [makeMap([['a', uint64(5)]]), nilMap()],
      'map[string]interface {}{"a":0x5} map[string]interface {}(nil)',
    ],
    ['%T %T %T %T', [1, int64(1), makeStrings([]), null], 'float64 int64 []string <nil>'],
    [
      '%s %v %x',
      [new GoBytes(Uint8Array.of(72, 105)), new GoBytes(Uint8Array.of(72, 105)), new GoBytes(Uint8Array.of(72))],
      'Hi [72 105] 48',
    ],
    ['%v %.1f', [new GoComplex(1, -2), new GoComplex(1, 2)], '(1-2i) (1.0+2.0i)'],
    [
      '%v %+v',
      [makeStruct(point, { X: 1n, Label: 'a', Any: null }), makePointer(point, { X: 1n, Label: 'a', Any: null })],
      '{1 a <nil>} &{X:1 Label:a Any:<nil>}',
    ],
    ['%v %s %d', [makeStruct(version, {}, 3), makePointer(version, {}, 3), makeStruct(version, {}, 3)], 'v3 v3 {}'],
    ['%v', [nilPointer(version)], '<nil>'],
    ['%v %v', [makeInts([1n]), nilSlice()], '[1] []'],
    ['%v', [new GoNumber(types.float32, Math.fround(0.1))], '0.1'],
    ['%w', ['a'], '%!w(string=a)'],
    ['%%', [], '%'],
  ])('%s', (format, values, text) => {
    expect(sprintf(format, values)).toBe(text)
  })

  it('stops at a limit of text', () => {
    expect(() => sprintf('%v', [makeSlice(Array.from({ length: 100 }, () => 'aaaaaaaaaa'))], 500)).toThrow(LimitError)
  })
})

describe('print', () => {
  it('puts a blank between two operands of which neither is a string', () => {
    expect(sprint([1n, 2n, 'a', 3n, null, true])).toBe('1 2a3 <nil> true')
    expect(sprintln(['a', 1n, null])).toBe('a 1 <nil>\n')
    expect(textOf(func('string', () => '') as Value)).toMatch(/^0x/)
  })
})
