/** Version of this package, as HELLO tells it. A test holds it to package.json. */
export const VERSION = '0.1.0'
