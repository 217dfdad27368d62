/** What the command line ends with. Stable: scripts rely on it. */
export const exitCodes = {
  ok: 0,
  error: 1,
  usage: 2,
  gateFailed: 3,
  proofNotCompleted: 4,
  inconclusive: 5,
  waiting: 6,
  interrupted: 130,
} as const;
