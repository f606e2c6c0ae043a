export function doNothing(): Promise<void> {
  return Promise.resolve();
}
