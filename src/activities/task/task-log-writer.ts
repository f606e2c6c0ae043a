import type { TaskLog } from '../../components/context';
import type { LogLine } from '../../store/task-log';

/** Lines are written at the latest after this. */
const flushAfterMs = 200;
const longestMessage = 10_000;

interface WriterOptions {
  readonly runId: string;
  readonly taskId: string;
  readonly attempt: number;
  /** Takes secrets out of a line. */
  readonly mask: (text: string) => string;
  readonly append: (lines: readonly LogLine[]) => Promise<void>;
  readonly onLost: (error: unknown) => void;
}

/** Collects the lines of one attempt and appends them to the task's log, a few at a time. */
export class TaskLogWriter implements TaskLog {
  #lines: LogLine[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly options: WriterOptions) {}

  debug(message: string): void {
    this.#add('debug', message);
  }

  info(message: string): void {
    this.#add('info', message);
  }

  warn(message: string): void {
    this.#add('warn', message);
  }

  error(message: string): void {
    this.#add('error', message);
  }

  /** Writes what is waiting. A log that cannot be written never fails the task: the loss is reported. */
  async flush(): Promise<void> {
    const lines = this.take();
    if (lines.length > 0) await this.options.append(lines).catch(this.options.onLost);
  }

  /** Hands out what is waiting, for somebody else to write. */
  take(): readonly LogLine[] {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const lines = this.#lines;
    this.#lines = [];
    return lines;
  }

  #add(level: LogLine['level'], text: string): void {
    const { runId, taskId, attempt, mask } = this.options;
    // PostgreSQL cannot store NUL.
    const message = mask(text).replaceAll('\u0000', '').slice(0, longestMessage);
    this.#lines.push({ runId, taskId, attempt, at: new Date(), level, message });
    this.#timer ??= setTimeout(() => void this.flush(), flushAfterMs);
  }
}
