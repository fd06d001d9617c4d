import { defineConfig } from 'tsup'

export default defineConfig({
  entry: ['src/index.ts', 'src/cold.ts', 'src/cold-protobuf.ts'],
  format: 'esm',
  target: 'node24',
  dts: true,
  clean: true,
  sourcemap: true,
})
