import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

/** Who works where: what a claim says about its owner, and how another process checks it. */
export interface ProcessTable {
  readonly host: string;
  readonly pid: number;
  /** When a process of this host started, in the host's own terms; '' where the host does not say. */
  started(pid: number): string;
  isAlive(pid: number): boolean;
}

export const systemProcesses: ProcessTable = {
  host: hostname(),
  pid: process.pid,
  started(pid) {
    try {
      // Linux: field 22, ticks since boot. The name before it is in parentheses and may contain spaces.
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
    } catch {
      return '';
    }
  },
  isAlive(pid) {
    try {
      process.kill(pid, 0);
      return true;
    } catch (thrown) {
      // EPERM: it exists and belongs to someone else.
      return (thrown as NodeJS.ErrnoException).code === 'EPERM';
    }
  },
};
