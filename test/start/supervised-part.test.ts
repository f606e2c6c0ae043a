import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Parts } from '../../src/start/processes/parts';
import { SupervisedPart, type RunningPart } from '../../src/start/processes/supervised-part';
import { stopProcess } from '../../src/stop-process';
import { until } from '../support/until';

const children: ChildProcess[] = [];
const said: string[] = [];
const tell = (sentence: string) => said.push(sentence);

async function startChild(...command: [string, ...string[]]): Promise<RunningPart> {
  const [program, ...args] = command;
  const child = spawn(program, args, { stdio: 'ignore' });
  await once(child, 'spawn');
  children.push(child);
  return { process: child, stop: () => stopProcess(child, { signal: 'SIGTERM', withinMs: 5_000 }) };
}
const sleeping = () => startChild('sleep', '600');
const isGone = (child: ChildProcess | undefined) =>
  child !== undefined && (child.exitCode !== null || child.signalCode !== null);
const childNumber = (index: number) => until(`child ${index}`, () => children[index]);

beforeEach(() => {
  children.length = 0;
  said.length = 0;
});
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
});

describe('a part that is watched', () => {
  it('is started again each time it dies, and people are told', async () => {
    const part = new SupervisedPart('worker', sleeping, tell);
    await part.begin();
    for (const death of [0, 1]) {
      (await childNumber(death)).kill('SIGKILL');
      await childNumber(death + 1);
    }
    expect(part.deaths).toBe(2);
    expect(said[0]).toBe('worker ended (SIGKILL) and is started again.');
    await part.stop();
    expect(children).toHaveLength(3);
    expect(children.every(isGone)).toBe(true);
  });

  it('is tried again when a new start fails', async () => {
    let starts = 0;
    const start = () => {
      starts += 1;
      return starts === 2 ? Promise.reject(new Error('the disk is full')) : sleeping();
    };
    const part = new SupervisedPart('PostgreSQL', start, tell);
    await part.begin();
    children[0]?.kill('SIGKILL');
    await childNumber(1);
    expect(said).toContain('PostgreSQL does not start: the disk is full');
    await part.stop();
  });

  it('rejects when its first start fails, and is not tried again', async () => {
    let starts = 0;
    const start = () => {
      starts += 1;
      return Promise.reject(new Error('port taken'));
    };
    const part = new SupervisedPart('server', start, tell);
    await expect(part.begin()).rejects.toThrow('port taken');
    await part.stop();
    expect(starts).toBe(1);
  });

  it('is not started again when it was told to stop', async () => {
    const part = new SupervisedPart('worker', sleeping, tell);
    await part.begin();
    await Promise.all([part.stop(), part.stop()]);
    expect(isGone(children[0])).toBe(true);
    expect([children.length, said.length]).toEqual([1, 0]);
  });
});

describe('all parts', () => {
  it('are stopped in turn, the last one first', async () => {
    const parts = new Parts();
    const stopped: string[] = [];
    for (const name of ['PostgreSQL', 'worker', 'server']) {
      const start = async (): Promise<RunningPart> => {
        const running = await sleeping();
        return {
          process: running.process,
          stop: async () => {
            await running.stop();
            stopped.push(name);
          },
        };
      };
      await parts.begin(new SupervisedPart(name, start, tell));
    }
    await Promise.all([parts.stop(), parts.stop()]);
    expect(stopped).toEqual(['server', 'worker', 'PostgreSQL']);
    expect(children.every(isGone)).toBe(true);
  });

  it('leave nothing behind when they are stopped while one is starting', async () => {
    const parts = new Parts();
    const asked: AbortSignal[] = [];
    const slow = async (signal: AbortSignal) => {
      asked.push(signal);
      await once(signal, 'abort');
      return sleeping();
    };
    const begun = parts.begin(new SupervisedPart('Temporal', slow, tell));
    await until('the start', () => asked[0]);
    await parts.stop();
    await begun;
    expect(isGone(children[0])).toBe(true);
    await expect(parts.begin(new SupervisedPart('worker', sleeping, tell))).rejects.toThrow(/told to stop/);
    expect(children).toHaveLength(1);
  });

  it('are killed without waiting', async () => {
    const parts = new Parts();
    await parts.begin(
      new SupervisedPart('worker', () => startChild('sh', '-c', 'trap "" TERM; exec sleep 600'), tell),
    );
    parts.kill();
    await until('its end', () => (isGone(children[0]) ? true : undefined));
    expect(children[0]?.signalCode).toBe('SIGKILL');
  });
});
