/** Whether a part of the product answers, and if not, what it said. */
export interface PartHealth {
  readonly ok: boolean;
  readonly detail: string;
}

export interface Health {
  readonly ready: boolean;
  readonly parts: Readonly<Record<'postgres' | 'temporal' | 'worker', PartHealth>>;
}

export interface HealthService {
  check(): Promise<Health>;
}

const answerWithinMs = 3_000;

/** Each probe answers a few words about its part, or rejects. */
export function createHealthService(
  probes: Readonly<Record<keyof Health['parts'], () => Promise<string>>>,
): HealthService {
  return {
    async check() {
      const [postgres, temporal, worker] = await Promise.all([
        probe(probes.postgres),
        probe(probes.temporal),
        probe(probes.worker),
      ]);
      return { ready: postgres.ok && temporal.ok && worker.ok, parts: { postgres, temporal, worker } };
    },
  };
}

async function probe(ask: () => Promise<string>): Promise<PartHealth> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`no answer within ${answerWithinMs / 1_000} s`));
    }, answerWithinMs);
  });
  try {
    return { ok: true, detail: await Promise.race([ask(), tooLate]) };
  } catch (error) {
    return { ok: false, detail: error instanceof Error ? error.message || error.name : String(error) };
  } finally {
    clearTimeout(timer);
  }
}
