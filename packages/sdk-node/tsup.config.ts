import { defineConfig } from 'tsup'

export default defineConfig({
  entry: ['src/index.ts', 'src/testing.ts', 'src/host.ts'],
  format: 'esm',
  target: 'node24',
  // A worker's start pays for each file that it opens, so the wire comes along in the chunks that these three share.
  noExternal: ['@millrace/protocol'],
  esbuildOptions: (options) => {
    options.conditions = ['millrace-source']
  },
  dts: true,
  clean: true,
  sourcemap: true,
})
