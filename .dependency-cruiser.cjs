/** What may import what: docs/architecture.md says why. */
module.exports = {
  forbidden: [
    rule('no-cycles', 'A cycle hides which file is the base of which.', {}, { circular: true }),
    rule('domain-is-pure', 'The domain imports itself and zod only.', '^src/domain/', {
      pathNot: '^(src/domain/|node_modules/zod/)',
    }),
    rule('rules-run-in-workflows', 'Rules run inside workflows: no zod at run time.', '^src/domain/rules/', {
      path: '^node_modules/zod/',
      dependencyTypesNot: ['type-only'],
    }),
    rule(
      'workflows-are-deterministic',
      'Workflows import the SDK, pure rules and names; everything else as types.',
      '^src/workflows/(?!bundle/)',
      {
        pathNot:
          '^(src/workflows/|src/domain/rules/|src/domain/errors|src/temporal/names|node_modules/@temporalio/(workflow|common)/)',
        dependencyTypesNot: ['type-only'],
      },
    ),
    rule(
      'components-know-no-engine',
      'A component does not know that Temporal or PostgreSQL exist.',
      '^src/components/',
      {
        path: '^src/(store|storage|temporal|activities|workflows|services|api|notifications|secrets)/|^node_modules/@temporalio/',
      },
    ),
    rule(
      'components-know-no-other',
      'A component does not import another; shared/ is for what two use.',
      '^src/components/([^/]+)\\.ts$',
      {
        path: '^src/components/[^/]+/',
        pathNot: '^src/components/(shared|$1)/',
      },
      '^src/components/registry',
    ),
    rule(
      'adapters-do-not-know-each-other',
      'Adapters are wired in compose.ts.',
      '^src/(storage|notifications|temporal|secrets)/',
      {
        path: '^src/(storage|notifications|temporal|secrets|services|activities|workflows|api)/',
        pathNot: ['^src/$1/', '^src/workflows/'],
        dependencyTypesNot: ['type-only'],
      },
    ),
    rule('store-knows-the-domain-only', 'The store is PostgreSQL and nothing else.', '^src/store/', {
      path: '^src/(storage|notifications|temporal|secrets|services|activities|workflows|api|components)/',
    }),
    rule('services-are-free-of-http', 'A service can be called from anywhere.', '^src/services/', {
      path: '^src/(api|activities)/|^node_modules/express/',
    }),
    rule('contracts-are-data', 'The console reads the contracts too.', '^src/api/contracts/', {
      pathNot: '^(src/api/contracts/|src/domain/|node_modules/zod/)',
    }),
    rule('handlers-call-services', 'A handler unpacks, calls a service, answers.', '^src/api/handlers/', {
      path: '^src/(store|storage|temporal|activities|workflows|components)/',
      dependencyTypesNot: ['type-only'],
    }),
    rule('no-development-packages', 'What runs may not need a development dependency.', '^src/', {
      dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'],
      dependencyTypesNot: ['type-only'],
    }),
    rule('everything-resolves', 'An import leads nowhere.', {}, { couldNotResolve: true }),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['require', 'node', 'types'] },
  },
};

function rule(name, comment, from, to, fromNot) {
  const path = typeof from === 'string' ? { path: from } : from;
  return { name, comment, severity: 'error', from: fromNot ? { ...path, pathNot: fromNot } : path, to };
}
