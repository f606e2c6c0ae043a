/** Calls `stop` once, when the process is told to end or when the parent that started it over IPC has died. */
export function onProcessEnd(stop: () => void): void {
  let called = false;
  const once = () => {
    if (called) return;
    called = true;
    stop();
  };
  process.on('SIGTERM', once);
  process.on('SIGINT', once);
  process.on('disconnect', once);
  // Listening to the parent must not keep a process alive that has nothing else to do.
  process.channel?.unref();
}
