/** Documentation is only validated here (`npm run docs:check`); nothing is written. */

import manifest from '../../package.json' with { type: 'json' }

const entryPoints = Object.values(manifest.exports).flatMap((target) =>
  typeof target === 'string' ? [] : [target.default.replace(/^\.\/dist\/(.+)\.js$/, '../../src/$1.ts')],
)

/** @type {Partial<import('typedoc').TypeDocOptions>} */
export default {
  entryPoints,
  emit: 'none',
  disableSources: true, // they need a remote, which a copy may not have
  tsconfig: '../../tsconfig.json',
  skipErrorChecking: true, // `npm run types` did
  excludePrivate: true,
  excludeInternal: true,
  // what is inherited from classes of Node is documented there
  externalSymbolLinkMappings: { '@types/node': { '*': 'https://nodejs.org/api/' } },
  validation: { notDocumented: true, notExported: false, invalidLink: true },
  // everything a caller names: typedoc leaves modules and constructors out by default
  requiredToBeDocumented: [
    'Module',
    'Class',
    'Constructor',
    'Interface',
    'TypeAlias',
    'Variable',
    'Function',
    'Method',
    'Accessor',
    'Property',
  ],
  treatWarningsAsErrors: true,
  treatValidationWarningsAsErrors: true,
}
