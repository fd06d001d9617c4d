import { defineConfig } from 'tsup'

export default defineConfig({
  entry: [
    'src/index.ts',
    'src/testing/index.ts',
    'src/cli/main.ts',
    'src/cli/embedded-project.ts',
    'src/cli/shards/shard-main.ts',
    'src/isolated-launch.ts',
  ],
  format: 'esm',
  target: 'node24',
  dts: true,
  clean: true,
  sourcemap: true,
})
