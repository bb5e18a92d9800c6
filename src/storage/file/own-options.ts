/** The defaults of reading and writing files as own keys, which a polluted Object.prototype cannot change. */
export const OWN_OPTIONS = Object.freeze({ encoding: null, signal: undefined })
