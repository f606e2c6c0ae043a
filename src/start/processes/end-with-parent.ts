import { spawnSync } from 'node:child_process';

/**
 * A wrapper by which a program is sent `signal` when the product dies, however it dies, so that nothing is left
 * behind. Empty where the system cannot do it (it is Linux's), and then a left-over is stopped at the next start.
 */
export function endWithParent(signal: 'INT' | 'TERM'): readonly string[] {
  const wrapper = ['setpriv', '--pdeathsig', signal, '--'];
  const [program = '', ...args] = wrapper;
  const works =
    process.platform === 'linux' && spawnSync(program, [...args, 'true'], { stdio: 'ignore' }).status === 0;
  return works ? wrapper : [];
}
