import { readFile } from 'node:fs/promises';

const everyMs = 50;

/** Watches how much memory a process has (Linux only) until it is asked. */
export function watchMemory(pid: number): { peakMb(): number } {
  let peak = 0;
  const timer = setInterval(() => void residentMb(pid).then((mb) => (peak = Math.max(peak, mb))), everyMs);
  return {
    peakMb() {
      clearInterval(timer);
      return peak;
    },
  };
}

async function residentMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1_024;
}
