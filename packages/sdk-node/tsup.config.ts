import { defineConfig } from 'tsup'

const common = {
  target: 'node24',
  // A worker's start pays for each file that it opens, so the wire comes along.
  noExternal: ['@millrace/protocol'],
  esbuildOptions: (options: { conditions?: string[] }) => {
    options.conditions = ['millrace-source']
  },
  sourcemap: true,
}

export default defineConfig([
  { ...common, entry: ['src/index.ts', 'src/testing.ts'], format: 'esm', dts: true, clean: ['!host.cjs*'] },
  // CommonJS, and all in one file: Node's loader of ES modules takes as long to come up as the whole SDK.
  { ...common, entry: ['src/host.ts'], format: 'cjs', shims: true, splitting: false },
])
