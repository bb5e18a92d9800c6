/** The secrets of `kit-debug.ts`, which its child sends too. */
export const DEBUG_SECRETS = { key: 'sk-proj-7f3e9a1c5b8d2e4f6a0b', control: 'control-3f9b7c21e80a4d56' } as const
