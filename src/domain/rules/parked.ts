/** A parked task that nobody has decided on by then fails. */
export const parkedForDays = 7;
