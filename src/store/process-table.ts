import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** Who works where: what a claim says about its owner, and how another process checks it. */
export interface ProcessTable {
  readonly host: string;
  /**
   * Names the space in which process numbers mean something: another boot or another container has other
   * processes under the same numbers. '' where the host does not say.
   */
  readonly space: string;
  readonly pid: number;
  /** When a process of this host started, in the host's own terms; '' where the host does not say. */
  started(pid: number): string;
  isAlive(pid: number): boolean;
}

export const systemProcesses: ProcessTable = {
  host: hostname(),
  space: numberSpace(),
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

/** Linux: the boot, and the namespace of process numbers. */
function numberSpace(): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${boot} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return '';
  }
}
