import tseslint from 'typescript-eslint'

const errorsOutsideCatalogue = {
  selector:
    "NewExpression[callee.name='Error'], NewExpression[callee.name='TypeError'], NewExpression[callee.name='RangeError']",
  message: 'Every error that a user may see is a factory in errors.ts.',
}
const readsGlobals = {
  selector: "MemberExpression[object.name='process'][property.name='env']",
  message: 'Nothing but the CLI reads the environment: take it as an argument.',
}
const waits = {
  selector:
    "CallExpression[callee.name=/^(setTimeout|setInterval)$/], ImportDeclaration[source.value='node:timers/promises']",
  message: 'Adapters never wait or retry by themselves: the engine and the HTTP client do.',
}
const suppressions = ['ts-ignore', 'ts-nocheck', 'ts-expect-error']

export default tseslint.config(
  { ignores: ['**/dist/**', '**/node_modules/**', '**/testdata/**', '**/vitest.config.ts', '.nx/**', '.peers/**'] },
  {
    files: ['packages/**/*.ts', 'plugins/**/*.ts', 'e2e/**/*.ts', 'tools/**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { project: ['./tsconfig.spec.json'], tsconfigRootDir: process.cwd() } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/ban-ts-comment': ['error', Object.fromEntries(suppressions.map((name) => [name, true]))],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrorsIgnorePattern: '^_' },
      ],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      // Errors of other rooms and aborted signals' reasons are passed on as they are.
      '@typescript-eslint/only-throw-error': 'off',
      '@typescript-eslint/prefer-promise-reject-errors': 'off',
      // Interfaces of adapters are asynchronous; an implementation need not wait for anything.
      '@typescript-eslint/require-await': 'off',
      // Everything here is made of closures; `this` is not used.
      '@typescript-eslint/unbound-method': 'off',
      eqeqeq: 'error',
      'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
      'no-console': 'error',
      'prefer-const': 'error',
    },
  },
  {
    files: ['packages/*/src/**/*.ts', 'plugins/*/src/**/*.ts'],
    ignores: ['**/*.test.ts', '**/*.fixture.ts', '**/errors.ts', 'packages/cli/**', 'packages/testkit/**'],
    rules: { 'no-restricted-syntax': ['error', errorsOutsideCatalogue, readsGlobals] },
  },
  {
    files: ['plugins/*/src/**/*.ts'],
    ignores: ['**/*.test.ts', '**/*.fixture.ts', '**/errors.ts'],
    rules: { 'no-restricted-syntax': ['error', errorsOutsideCatalogue, readsGlobals, waits] },
  },
  {
    files: ['packages/*/src/errors.ts', 'plugins/*/src/errors.ts'],
    rules: { 'max-lines': 'off' },
  },
  {
    // Matchers of the test runner are of type any.
    files: ['**/*.test.ts', '**/*.e2e.ts'],
    rules: { '@typescript-eslint/no-unsafe-assignment': 'off', 'max-lines': 'off' },
  },
  {
    files: ['e2e/**/*.ts', 'tools/**/*.ts'],
    rules: { 'no-console': 'off' },
  },
)
