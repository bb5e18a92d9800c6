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
  validation: { notDocumented: true, notExported: false, invalidLink: true },
  // a property may speak through its name and type; everything a caller calls or names may not
  requiredToBeDocumented: ['Class', 'Interface', 'TypeAlias', 'Variable', 'Function', 'Method', 'Accessor'],
  treatWarningsAsErrors: true,
  treatValidationWarningsAsErrors: true,
}
