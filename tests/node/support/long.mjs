/** Whether there is time for the larger numbers: `HEARTH_LONG=1`, or `LONG=1` for short. */
export const LONG = Boolean(process.env.HEARTH_LONG ?? process.env.LONG);
