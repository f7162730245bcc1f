import { describe, expect, it } from 'vitest'
import { GoMap, mapType } from '@ropeway/gotemplate'
import { writeJson } from '../yaml/json.js'
import { readValues } from './documents.js'
import { applySet, type SetKind } from './strvals.js'

function after(kind: SetKind, text: string, before = ''): string {
  const values = before === '' ? new GoMap(mapType, new Map()) : readValues(before)
  applySet(values, text, kind)
  return writeJson(values)
}

const list = 'l: [1, {a: 2}, [3], null]'

describe('what flags set, as recorded from helm 4.1.4', () => {
  it.each<[SetKind, string, string]>([
    ['typed', 'a.', '{}'],
    ['typed', 'a[0=1', '{}'],
    ['typed', 'a[0].b=', '{"a":[]}'],
    ['typed', 'a[0][1=2', '{"a":[]}'],
    ['typed', 'a[0]', '{"a":[]}'],
    ['typed', 'a=', '{"a":""}'],
    ['typed', 'a=fal\u017fe,b=TRUE,c=Null', '{"a":false,"b":true,"c":null}'],
    ['typed', 'a=9223372036854775807,b=9223372036854775808', '{"a":9223372036854775807,"b":"9223372036854775808"}'],
    ['typed', 'a\\x"="1', '{"ax\\"":"\\"1"}'],
    ['typed', 'a={1,x}b=2', '{"a":[1,"x"],"b":2}'],
    ['string', 'a={1,null},b=1', '{"a":["1","null"],"b":"1"}'],
    ['literal', 'a\\.b=1,c={x}', '{"a\\\\":{"b":"1,c={x}"}}'],
    ['json', 'a=1b=2', '{"a":1,"b":2}'],
    ['json', 'a=1 ,b= ,c= ', '{"a":1,"b":null,"c":null}'],
  ])('%s %s', (kind, text, expected) => {
    expect(after(kind, text)).toBe(expected)
  })

  it.each([
    ['l[0].b=1', '{"l":[{"b":1},{"a":2},[3],null]}'],
    ['l[0].b=', '{"l":[{"b":""},{"a":2},[3],null]}'],
    ['l[2][1]=x', '{"l":[1,{"a":2},[3,"x"],null]}'],
    ['l[3][0]=x', '{"l":[1,{"a":2},[3],["x"]]}'],
    ['l[5]=x', '{"l":[1,{"a":2},[3],null,null,"x"]}'],
  ])('into what is there: %s', (text, expected) => {
    expect(after('typed', text, list)).toBe(expected)
  })

  it.each([
    ['z=null,z.a=1', 'unable to parse key: interface conversion: interface {} is nil, not map[string]interface {}'],
    ['z=null,z[0]=1', 'unable to parse key: interface conversion: interface {} is nil, not []interface {}'],
    ['l[0][0]=1', 'unable to parse key: interface conversion: interface {} is float64, not []interface {}'],
    ['a[0]xy=1', "unexpected data at end of array index: ['x' 'y']"],
    [
      'a[99999999999999999999]=1',
      'error parsing index: strconv.Atoi: parsing "99999999999999999999": value out of range',
    ],
    ['a[]=1', 'error parsing index: strconv.Atoi: parsing "": invalid syntax'],
    ['a[-1]=1', 'negative -1 index not allowed'],
    ['a.=1', 'key map "a" has no value'],
    ['\u00e9"', 'key "\u00e9\\"" has no value'],
    ['a={x', "list must terminate with '}'"],
  ])('refuse %s', (text, message) => {
    expect(() => after('typed', text, list)).toThrow(expect.objectContaining({ message }))
  })
})
