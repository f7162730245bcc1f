/**
 * Functions with the kinds of their arguments and result, for the grammar: `name: arguments > result`. Kinds are those of `kinds.ts`; `x...` is
 * any number of them, `object` a struct that is only shown. What is random, tells the time or goes through maps in no order is left out, and zones
 * in times when their clocks had seconds of their own.
 */
const table = `
trim: s > s | upper: s > s | lower: s > s | title: s > s | untitle: s > s | nospace: s > s | initials: s > s | swapcase: s > s
snakecase: s > s | camelcase: s > s | kebabcase: s > s | quote: a... > s | squote: a... > s | cat: a... > s | toString: a > s
trunc: i s > s | abbrev: width s > s | substr: i i s > s | repeat: small s > s | replace: s s s > s | wrap: width s > s
wrapWith: width s s > s | indent: small s > s | nindent: small s > s | plural: s s i > s | trimAll: s s > s | trimSuffix: s s > s
trimPrefix: s s > s | hasPrefix: s s > b | hasSuffix: s s > b | contains: s s > b | abbrevboth: width width s > s
sha1sum: s > s | sha256sum: s > s | adler32sum: s > s | b64enc: s > s | b64dec: b64 > s | b32enc: s > s | b32dec: s > s
int: a > i | int64: a > i | float64: a > f | toDecimal: a > i | atoi: s > i | add: n... > i | add1: n > i | sub: n n > i | mul: n n... > i
div: n n > i | mod: n n > i | max: n n... > i | min: n n... > i | biggest: n n > i | floor: n > f | ceil: n > f | round: n small > f
addf: n... > f | subf: n n > f | mulf: n n > f | divf: n n > f | maxf: n n > f | minf: n n > f | add1f: n > f
seq: small > s | seq: small small > s | seq: small small small > s | until: small > l | untilStep: small small step > l
len: c > i | index: l small > a | index: d key > a | slice: l small > a | slice: l small small > a | slice: s small small > s
list: a... > l | tuple: a... > l | first: l > a | last: l > a | rest: l > l | initial: l > l | append: l a > l | prepend: l a > l
concat: l... > l | reverse: l > l | uniq: l > l | without: l a... > l | has: a l > b | compact: l > l | chunk: step l > l | sortAlpha: l > l
mustFirst: l > a | mustLast: l > a | mustUniq: l > l | mustHas: a l > b | mustAppend: l a > l | mustSlice: l small small > l
join: s l > s | splitList: s s > l | split: sep s > d | splitn: sep small s > d | toStrings: l > l | all: a... > b | any: a... > b
dict: > d | dict: key a > d | dict: key a key a > d | get: d key > a | set: d key a > d | unset: d key > d | hasKey: d key > b | pluck: key d d > l
pick: d key key > d | omit: d key > d | merge: d d > d | mergeOverwrite: d d > d | mustMerge: d d > d | deepCopy: a > a | dig: key a d > a
dig: key key a d > a | default: a a > a | coalesce: a... > a | empty: a > b | ternary: a a b > a | not: a > b | and: a a > a | or: a a > a
eq: a a > b | eq: s s s > b | eq: n n > b | ne: a a > b | ne: s s > b | lt: n n > b | le: i i > b | gt: f f > b | ge: s s > b | deepEqual: a a > b
kindOf: a > s | typeOf: a > s | kindIs: kind a > b | typeIs: type a > b | typeIsLike: type a > b
toJson: a > s | toPrettyJson: a > s | toRawJson: a > s | mustToJson: a > s | toYaml: a > s | toYamlPretty: a > s | mustToYaml: a > s | toToml: d > s
fromJson: json > d | fromJsonArray: json > l | fromYaml: yaml > d | fromYamlArray: yaml > l | mustFromJson: json > a | fromToml: toml > d
regexMatch: re s > b | regexFind: re s > s | regexFindAll: re s i > l | regexReplaceAll: re s repl > s | regexReplaceAllLiteral: re s repl > s
regexSplit: re s i > l | regexQuoteMeta: s > s | mustRegexMatch: re s > b | mustRegexReplaceAll: re s repl > s
semver: sv > object | semverCompare: constraint sv > b | base: path > s | dir: path > s | ext: path > s | clean: path > s | isAbs: path > b
osBase: path > s | osDir: path > s | osExt: path > s | osClean: path > s | urlParse: url > d | urlJoin: d > s
date: layout epoch > s | date: layout dt > s | dateInZone: layout recent zone > s | toDate: layout s > object | mustToDate: layout s > object | unixEpoch: dt > s
dateModify: dur dt > object | duration: i > s | durationRound: dur > s | htmlDate: epoch > s | htmlDateInZone: recent zone > s
printf: fmt a > s | printf: fmt a a > s | printf: fmt s > s | printf: fmt n > s | printf: fmt f > s | print: a... > s | println: a... > s
html: s > s | js: s > s | urlquery: s > s | required: s a > a | tpl: template a > s
derivePassword: small s s s s > s | trimall: s s > s
`

export interface Signature {
  readonly name: string
  readonly args: readonly string[]
  readonly result: string
}

export const signatures: readonly Signature[] = table
  .split(/[|\n]/)
  .map((line) => line.trim())
  .filter((line) => line !== '')
  .map((line) => {
    const [name = '', rest = ''] = line.split(/:(.*)/s)
    const [args = '', result = ''] = rest.split('>')
    return { name, args: args.trim().split(' ').filter(Boolean), result: result.trim() }
  })
