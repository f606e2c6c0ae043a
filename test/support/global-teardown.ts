import { rm } from 'node:fs/promises';
import { shared } from './services';

/** Ends what global-setup.ts started. */
export default async function tearDown(): Promise<void> {
  const services = shared.orchestratorServices;
  if (services === undefined) return;
  await Promise.all([services.postgres.stop(), services.temporal.stop()]);
  await rm(services.folder, { recursive: true, force: true });
}
