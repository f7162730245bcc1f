import { describe, expect, it } from 'vitest'
import { floatText, plainScalar } from './scalar.js'

describe('plainScalar', () => {
  it.each([
    [null, ['', '~', 'null', 'Null', 'NULL']],
    [true, ['y', 'Yes', 'TRUE', 'on', 'On']],
    [false, ['n', 'NO', 'False', 'off', 'OFF']],
    [15n, ['15', '+15', '0xF', '017', '0o17', '0b1111', '1_5', '15_']],
    [-15n, ['-15', '-0xF', '-017', '-0b1111']],
    [18446744073709551615n, ['18446744073709551615']],
    [1.5, ['1.5', '1.50', '+1.5', '1_5.0e-1', '15e-1']],
    [8, ['08', '8.', '8.0', '0.8e1']],
    [0.25, ['.25', '.2_5']],
    [1e30, ['1e30', '1000000000000000000000000000000']],
    [Infinity, ['.inf', '+.Inf']],
    [-Infinity, ['-.INF']],
  ])('reads %s from each spelling', (value, texts) => {
    for (const text of texts) expect([text, plainScalar(text)]).toEqual([text, value])
  })
  it.each(['tRUE', 'yEs', '1.2.3', '1:30', '2020-01-02', '1e400', '0x', '0b12', '0o8', '._5', 'nan', '--1', '.', '-'])(
    'leaves %s a text',
    (text) => expect(plainScalar(text)).toBe(text),
  )
  it('reads what is no number', () => expect(plainScalar('.nan')).toBeNaN())
})

describe('floatText', () => {
  // recorded from Go's strconv.FormatFloat(value, 'g', -1, 32)
  it.each([
    [1.1, '1.1'],
    [20231123.5, '2.0231124e+07'],
    [1234e10, '1.234e+13'],
    [1, '1'],
    [100000, '100000'],
    [1000000, '1e+06'],
    [123456, '123456'],
    [1234567, '1.234567e+06'],
    [0.0001, '0.0001'],
    [0.00001, '1e-05'],
    [3.14159265, '3.1415927'],
    [16777217, '1.6777216e+07'],
    [1e39, '+Inf'],
    [-20231123.5, '-2.0231124e+07'],
    [-0, '-0'],
    [5e-324, '0'],
    [NaN, 'NaN'],
  ])('writes %d as %s', (value, text) => expect(floatText(value)).toBe(text))
})
