/**
 * A project for a program that embeds the engine: the same `millrace.yaml` that `millrace dev` and `millrace start` read.
 *
 * @packageDocumentation
 */
import type { EngineOptions } from '../options.ts'
import { openProject as open } from './project.ts'
import { runtimeHosts } from './runtime-hosts.ts'

/**
 * Reads a config, the config of a directory, or one file with functions, and gives what `createEngine` takes, without an
 * HTTP gateway: add `http` to have one.
 *
 * @param target - Path of the config, the directory or the file, from the working directory.
 * @throws ConfigError - With every fault of the config and its place.
 * @throws CommandError - When there is no such file, or none that is a project.
 */
export function openProject(target: string): EngineOptions {
  const request = { target, config: undefined, listen: NO_LISTEN, environment: process.env, cwd: process.cwd() }
  const { programs, engine } = open(request, runtimeHosts())
  const { http: _, ...rest } = engine
  return { ...rest, programs: programs.map(({ options }) => options) }
}

const NO_LISTEN = { listen: undefined, port: undefined, insecure: false } as const
