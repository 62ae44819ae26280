import tseslint from "typescript-eslint";

export default tseslint.config(
  {
    ignores: ["**/node_modules/", ".data/", ".turbo/", "coverage/", "k6/", "apps/gateway/test/typed-client/"],
  },
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { project: "./tsconfig.json", tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/restrict-template-expressions": [
        "error",
        { allowNumber: true, allowBoolean: true },
      ],
      "@typescript-eslint/consistent-type-definitions": ["error", "interface"],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/no-import-type-side-effects": "error",
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      "no-restricted-properties": [
        "error",
        {
          object: "process",
          property: "env",
          message: "Only main.ts reads the environment; pass settings down.",
        },
      ],
      eqeqeq: ["error", "always", { null: "ignore" }],
    },
  },
  {
    files: [
      "**/main.ts",
      "packages/db/src/migrate.ts",
      "packages/queues/src/change-shards.ts",
      "**/test/**",
      "**/*.test.ts",
      "tests/**",
      "bench/**",
      "chaos/**",
      "packages/testing/**",
      "examples/**",
    ],
    rules: { "no-restricted-properties": "off" },
  },
  {
    // The body of an answer is `any`: its shape is what a test is about to check.
    files: ["**/test/**", "**/*.test.ts", "tests/**", "conformance/**"],
    rules: {
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
    },
  },
);
