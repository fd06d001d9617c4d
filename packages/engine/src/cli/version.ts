/** The version of this package, from its one home. */
import manifest from '../../package.json' with { type: 'json' }

export const VERSION: string = manifest.version
