/** What the function that computes answers. */
export const WORK_ANSWER = 'done'
