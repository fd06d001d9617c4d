/** What both sides of the HTTP measurements answer. */
export const HELLO = 'hello'
