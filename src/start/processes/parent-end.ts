const lookEveryMs = 500;

/**
 * Calls `stop` when the process that started this one has ended, which its shell or npm may do without a word.
 * Only for a start by npm: a product that was put into the background by hand outlives its shell.
 */
export function onParentEnd(environment: NodeJS.ProcessEnv, stop: () => void): void {
  if (environment.npm_lifecycle_event !== 'start') return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    stop();
  }, lookEveryMs);
  timer.unref();
}
