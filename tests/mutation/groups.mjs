/**
 * What is mutated, and the tests that must notice.
 * @type {Readonly<Record<string, { readonly mutate: readonly string[]; readonly tests: readonly string[] }>>}
 */
export const GROUPS = {
  tokens: {
    mutate: ["packages/core/src/session/{token,access}.ts", "packages/api/src/middleware/signed-in.ts"],
    tests: ["tests/security/tokens.test.ts"],
  },
  passwords: {
    mutate: ["packages/core/src/session/password.ts"],
    tests: ["packages/core/src/session/password.test.ts"],
  },
  sessions: {
    mutate: ["packages/core/src/session/{index,lockout,lockout-rules,failed,reset}.ts"],
    tests: ["tests/integration/accounts.test.ts", "tests/security/tokens.test.ts", "packages/core/src/rules.test.ts"],
  },
  roles: {
    mutate: [
      "packages/core/src/actor.ts",
      "packages/core/src/user/roles.ts",
      "packages/api/src/middleware/requires.ts",
    ],
    tests: [
      "packages/core/src/actor.test.ts",
      "tests/authorisation/domain.test.ts",
      "tests/integration/admin.test.ts",
      "packages/api/src/middleware/requires.test.ts",
    ],
  },
  objects: {
    mutate: [
      "packages/core/src/task/index.ts:119-130",
      "packages/core/src/task/info.ts:44-57",
      "packages/core/src/evidence/index.ts:20-80",
      "packages/core/src/evidence/view.ts:39-43",
      "packages/core/src/verification/index.ts:27-45",
    ],
    tests: [
      "tests/authorisation/{evidence,matrix}.test.ts",
      "tests/integration/{bad-input,tasks,verification-race}.test.ts",
    ],
  },
};
