// Reads every stable code of the rooms (errors, warnings, findings) with what the code says of itself: `code: 'UPPER_SNAKE'` in
// an object literal, and the JSDoc of the property, the statement or the function around it. Types tell the side.
import { join, relative } from 'node:path'
import ts from 'typescript'

/** One code as one room uses it. */
export interface CodeUse {
  readonly code: string
  readonly kind: 'error' | 'warning'
  /** Name of the package that says it. */
  readonly room: string
  /** Sides that it may be on; empty when the types do not tell. */
  readonly sides: readonly string[]
  /** What it means and what to do, as Markdown; may be empty. */
  readonly text: string
  /** Path below the root, with the line. */
  readonly place: string
}

export interface Catalogue {
  readonly file: string
  /** Codes of each factory, in the order of the file. */
  readonly factories: readonly (readonly string[])[]
}

export interface Codes {
  readonly uses: readonly CodeUse[]
  readonly catalogues: readonly Catalogue[]
  /** Codes that cannot be read, by place. */
  readonly problems: readonly string[]
}

/** A folder with sources, and the name of its package. */
export interface SourceRoom {
  readonly name: string
  /** Relative to the root, such as `packages/oci`. */
  readonly folder: string
}

const upperSnake = /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)+$|^[A-Z]{4,}$/

const compilerOptions: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  customConditions: ['@ropeway/source'],
  types: ['node'],
  strict: true,
  noEmit: true,
  skipLibCheck: true,
}

export function readCodes(root: string, rooms: readonly SourceRoom[]): Codes {
  const files = rooms.flatMap(({ folder }) =>
    ts.sys
      .readDirectory(join(root, folder, 'src'), ['.ts'])
      .filter((file) => !/\.(test|fixture)\.ts$/.test(file))
      .sort(),
  )
  const program = ts.createProgram(files, compilerOptions)
  const checker = program.getTypeChecker()
  const uses: CodeUse[] = []
  const catalogues: Catalogue[] = []
  const problems: string[] = []
  for (const file of files) {
    const source = program.getSourceFile(file)
    if (source === undefined) continue
    const path = relative(root, file)
    const room = rooms.find(({ folder }) => path.startsWith(`${folder}/`))
    if (room === undefined) continue
    const factories: string[][] = []
    visit(source, (literal) => {
      const property = propertyOf(literal, 'code')
      const kind = kindOf(literal)
      if (property === undefined || kind === undefined) return
      const line = source.getLineAndCharacterOfPosition(property.getStart()).line + 1
      const place = `${path}:${line}`
      const codes = codesOf(property, checker) ?? (kind === 'warning' ? [] : undefined)
      if (codes === undefined) problems.push(`${place}: a code that is not written as a literal`)
      if (codes === undefined || codes.length === 0) return
      if (!path.endsWith('/errors.ts')) problems.push(`${place}: ${codes.join(', ')} is not made in errors.ts`)
      factories.push([...codes])
      const sides = kind === 'error' ? sidesOf(literal, checker) : []
      const text = textOf(property)
      uses.push(
        ...codes.map((code) => ({ code, kind, room: room.name, sides: narrowed(code, sides, codes), text, place })),
      )
    })
    if (path.endsWith('/errors.ts')) catalogues.push({ file: path, factories })
  }
  return { uses, catalogues, problems }
}

function visit(node: ts.Node, each: (literal: ts.ObjectLiteralExpression) => void): void {
  if (ts.isObjectLiteralExpression(node)) each(node)
  ts.forEachChild(node, (child) => visit(child, each))
}

type Property = ts.PropertyAssignment | ts.ShorthandPropertyAssignment

function propertyOf(literal: ts.ObjectLiteralExpression, name: string): Property | undefined {
  return literal.properties.find(
    (property): property is Property =>
      (ts.isPropertyAssignment(property) || ts.isShorthandPropertyAssignment(property)) &&
      property.name.getText() === name,
  )
}

/** What `new RopewayError` is given is an error; a finding says so itself; anything else with a message is a warning. */
function kindOf(literal: ts.ObjectLiteralExpression): CodeUse['kind'] | undefined {
  const { parent } = literal
  if (ts.isNewExpression(parent)) return parent.expression.getText() === 'RopewayError' ? 'error' : undefined
  if (propertyOf(literal, 'message') === undefined || propertyOf(literal, 'type') !== undefined) return undefined
  const severity = propertyOf(literal, 'severity')
  const value = severity !== undefined && ts.isPropertyAssignment(severity) ? severity.initializer : undefined
  return value !== undefined && literalsOf(value)?.includes('error') === true ? 'error' : 'warning'
}

/** All values that the code may have; none when it is passed on from another error; `undefined` when it cannot be told. */
function codesOf(property: Property, checker: ts.TypeChecker): readonly string[] | undefined {
  const expression = ts.isPropertyAssignment(property) ? property.initializer : property.name
  if (ts.isPropertyAccessExpression(expression)) return []
  const found = literalsOf(expression)
  if (found !== undefined) return found.every((code) => upperSnake.test(code)) ? found : []
  const type = ts.isShorthandPropertyAssignment(property)
    ? checker.getTypeOfSymbol(checker.getShorthandAssignmentValueSymbol(property) ?? unknownSymbol(property))
    : checker.getTypeAtLocation(expression)
  const values = valuesOf(type)
  if (values.length > 0) return values
  return isPassedOn(expression, checker) ? [] : undefined
}

function unknownSymbol(property: Property): never {
  throw new TypeError(`${property.getText()} names nothing`)
}

/** True for `const { code } = something`. */
function isPassedOn(expression: ts.Node, checker: ts.TypeChecker): boolean {
  const symbol = ts.isShorthandPropertyAssignment(expression.parent)
    ? checker.getShorthandAssignmentValueSymbol(expression.parent)
    : checker.getSymbolAtLocation(expression)
  return symbol?.declarations?.some((declaration) => ts.isBindingElement(declaration)) === true
}

/** Strings of a literal, or of the branches of a conditional; `undefined` for anything else. */
function literalsOf(expression: ts.Expression): string[] | undefined {
  if (ts.isStringLiteralLike(expression)) return [expression.text]
  if (ts.isParenthesizedExpression(expression) || ts.isAsExpression(expression))
    return literalsOf(expression.expression)
  if (!ts.isConditionalExpression(expression)) return undefined
  const [yes, no] = [literalsOf(expression.whenTrue), literalsOf(expression.whenFalse)]
  return yes === undefined || no === undefined ? undefined : [...yes, ...no]
}

function valuesOf(type: ts.Type): string[] {
  if (type.isStringLiteral()) return [type.value]
  if (!type.isUnion()) return []
  const parts = type.types.filter((part) => (part.flags & ts.TypeFlags.Undefined) === 0)
  const values = parts.flatMap((part) => (part.isStringLiteral() ? [part.value] : []))
  return values.length === parts.length ? values : []
}

function sidesOf(literal: ts.ObjectLiteralExpression, checker: ts.TypeChecker): string[] {
  if (propertyOf(literal, 'severity') !== undefined) return ['transform']
  const own = propertyOf(literal, 'side')
  if (own !== undefined && ts.isPropertyAssignment(own)) {
    return unique(literalsOf(own.initializer) ?? valuesOf(checker.getTypeAtLocation(own.initializer)))
  }
  const side = checker.getTypeAtLocation(literal).getProperty('side')
  return side === undefined ? [] : unique(valuesOf(checker.getTypeOfSymbol(side)))
}

/** Of a pair such as SOURCE_NOT_FOUND and SINK_NOT_FOUND each has the side that its name says. */
function narrowed(code: string, sides: readonly string[], codes: readonly string[]): readonly string[] {
  const said = code.slice(0, code.indexOf('_')).toLowerCase()
  return codes.length > 1 && sides.includes(said) ? [said] : sides
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)].sort()
}

/** The JSDoc of the property, else of what stands around it, up to the function. */
function textOf(property: Property): string {
  for (let node: ts.Node = property; !ts.isSourceFile(node); node = node.parent) {
    const docs = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc)
    const text = docs.map((doc) => ts.getTextOfJSDocComment(doc.comment) ?? '').join('\n')
    if (text !== '') return text.replace(/\s*\n\s*/g, '\n').trim()
    if (ts.isFunctionDeclaration(node)) break
  }
  return ''
}
