import js from "@eslint/js";
import svelte from "eslint-plugin-svelte";
import globals from "globals";
import ts from "typescript-eslint";
import svelteConfig from "./svelte.config.js";

/** The window is told, it does not ask: a repeating timer here would cost all day for nothing. */
const NO_TIMERS = {
  selector: "CallExpression[callee.name=/^(setInterval|setTimeout)$/]",
  message: "No timers in the window: react to a frame, an event or a CSS animation.",
};
const HOST_DOOR = {
  group: ["@tauri-apps/*"],
  message: "Only src/platform speaks to the host.",
};
const FEATURE_INTERNALS = {
  regex: "(^|/)features/[^/]+/(?!index$|index\\.ts$|i18n$|i18n\\.ts$).+",
  message: "A feature is used through its index.ts.",
};

export default ts.config(
  { ignores: ["dist", "src/bindings"] },
  js.configs.recommended,
  ...ts.configs.recommended,
  ...svelte.configs.recommended,
  {
    languageOptions: { globals: { ...globals.browser } },
    rules: {
      "no-undef": "off",
      eqeqeq: "error",
      "max-lines": ["error", { max: 300 }],
      "no-restricted-syntax": ["error", NO_TIMERS],
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
    },
  },
  {
    files: ["**/*.svelte", "**/*.svelte.ts"],
    languageOptions: { parserOptions: { parser: ts.parser, svelteConfig } },
    rules: {
      // Addresses are hashes made by the router, there is no base path to resolve.
      "svelte/no-navigation-without-resolve": "off",
    },
  },
  {
    files: ["src/**"],
    ignores: ["src/platform/**"],
    rules: { "no-restricted-imports": ["error", { patterns: [HOST_DOOR] }] },
  },
  {
    files: ["src/features/**", "src/views/**", "src/shell/**"],
    ignores: ["**/*.test.ts"],
    rules: { "no-restricted-imports": ["error", { patterns: [HOST_DOOR, FEATURE_INTERNALS] }] },
  },
  // The transport may wait before it tries again, and the fake plays the back end's clock.
  {
    files: ["src/platform/**", "tests/**", "**/*.test.ts"],
    rules: { "no-restricted-syntax": "off" },
  },
  { files: ["*.config.*"], languageOptions: { globals: { ...globals.node } } },
);
