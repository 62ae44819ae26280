// The import boundaries. A package exists only where one of these rules is worth enforcing.
const only = (name, library, home) => ({
  name: `only-${home.replace("/", "-")}-imports-${name}`,
  severity: "error",
  from: { pathNot: `^(${home}|bench|chaos|tests|packages/testing)/` },
  to: { path: `node_modules/(\\.pnpm/)?(${library})[/@]`, dependencyTypesNot: ["type-only"] },
});

module.exports = {
  forbidden: [
    { name: "no-circular", severity: "error", from: {}, to: { circular: true } },
    { name: "no-unresolvable", severity: "error", from: {}, to: { couldNotResolve: true } },
    {
      name: "domain-is-pure",
      comment: "The domain imports nothing but Node.js and itself.",
      severity: "error",
      from: { path: "^packages/domain/src", pathNot: "\\.test\\.ts$" },
      to: { pathNot: "^packages/domain/src", dependencyTypesNot: ["core"] },
    },
    {
      name: "runtime-has-no-business",
      severity: "error",
      from: { path: "^packages/runtime/src" },
      to: { path: "^(apps|packages/(?!runtime))" },
    },
    {
      name: "packages-do-not-import-apps",
      severity: "error",
      from: { path: "^packages" },
      to: { path: "^apps" },
    },
    {
      name: "gateway-and-worker-share-no-code",
      severity: "error",
      from: { path: "^apps/gateway" },
      to: { path: "^apps/worker" },
    },
    {
      name: "worker-and-gateway-share-no-code",
      severity: "error",
      from: { path: "^apps/worker" },
      to: { path: "^apps/gateway" },
    },
    {
      name: "the-gateway-never-sends",
      comment: "The worker is the only egress.",
      severity: "error",
      from: { path: "^apps/gateway/src" },
      to: { path: "node_modules/(\\.pnpm/)?got[/@]" },
    },
    {
      name: "http-knows-no-business",
      severity: "error",
      from: { path: "^apps/gateway/src/http" },
      to: { path: "^apps/gateway/src/(?!http)" },
    },
    {
      name: "conformance-knows-only-http",
      comment: "It is written from the contract, so it must be able to run against any server.",
      severity: "error",
      from: { path: "^conformance" },
      to: { pathNot: "^conformance", dependencyTypesNot: ["core"] },
    },
    only("kysely-and-pg", "kysely|pg", "packages/db"),
    only("bullmq", "bullmq", "packages/queues"),
    {
      name: "shipped-code-imports-no-test-code",
      severity: "error",
      from: { path: "^(apps|packages)/[^/]+/src", pathNot: "(\\.test\\.ts$|^packages/testing)" },
      to: { path: "(^packages/testing|/test/|\\.test\\.ts$)" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    // The typed client is compiled, and its types generated, by a test of its own.
    exclude: { path: "(\\.data|test/typed-client)/" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "node", "default"] },
  },
};
