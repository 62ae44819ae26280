// Tests are ES modules in TypeScript; Node's own type stripping compiles them, as it does in production.
export default {
  testEnvironment: "node",
  testMatch: ["**/*.test.ts"],
  testPathIgnorePatterns: ["/node_modules/", "/.data/"],
  modulePathIgnorePatterns: ["<rootDir>/.data/"],
  transform: { "\\.ts$": "<rootDir>/jest.transform.mjs" },
  extensionsToTreatAsEsm: [".ts"],
  testTimeout: 30_000,
  maxWorkers: 2,
};
