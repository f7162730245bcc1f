#!/usr/bin/env node
// A Node far too old must still parse this and say so: no static import, no new syntax.
var wanted = [22, 19]
var running = process.versions.node.split('.').map(Number)

if (running[0] < wanted[0] || (running[0] === wanted[0] && running[1] < wanted[1])) {
  process.stderr.write(
    'ropeway needs Node.js ' +
      wanted.join('.') +
      ' or newer, and this is Node.js ' +
      process.versions.node +
      ': ' +
      'install a newer one, or put it first in PATH.\n' +
      'It runs as ' +
      process.execPath +
      '; https://nodejs.org has newer ones.\n',
  )
  process.exitCode = 2
} else {
  Promise.all([import('node:module'), import('node:os'), import('node:path'), import('node:v8')])
    .then(function (found) {
      // Chunks of blobs live for a moment: a young generation that grows keeps 80 MB of them, and is not faster. Rendering is.
      if (['render', 'images', 'relocate'].indexOf(process.argv[2]) < 0)
        found[3].setFlagsFromString('--semi-space-growth-factor=1')
      var caches = process.env.XDG_CACHE_HOME || found[2].join(found[1].homedir(), '.cache')
      // Not the default place: that is below the shared temporary folder.
      found[0].enableCompileCache(
        found[2].join(process.env.ROPEWAY_CACHE_DIR || found[2].join(caches, 'ropeway'), 'node'),
      )
      return import('../dist/main.js')
    })
    .then(
      function (main) {
        return main.start(process.argv.slice(2), import.meta.url)
      },
      function (error) {
        process.stderr.write('ropeway is not whole, build or install it again: ' + error.message + '\n')
        process.exitCode = 1
      },
    )
}
