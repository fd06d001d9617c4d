/** A LOG message as `onLog` gets it. Pure. */
import { type Log, LogLevel } from '@millrace/protocol/cold'
import type { LogRecord } from '../options.ts'
import type { Worker } from '../worker/worker.ts'

/** The record of a LOG that `worker` sent about the call `callId` of its channel; 0: about none. */
export function logRecord(worker: Worker, callId: number, record: Log): LogRecord {
  const call = worker.exchange?.heldCall(callId)
  return {
    program: worker.program,
    workerId: worker.id,
    callId: call === undefined ? 0 : call.number,
    function: call === undefined ? '' : call.fn.name,
    traceId: call === undefined ? '0'.repeat(32) : Buffer.from(call.trace.buffer, 0, 16).toString('hex'),
    level: LEVELS[record.level] ?? 'info',
    message: record.message,
    attributes: attributesOf(record.attributesJson),
  }
}

const LEVELS: Readonly<Record<number, 'debug' | 'info' | 'warn' | 'error'>> = {
  [LogLevel.DEBUG]: 'debug',
  [LogLevel.INFO]: 'info',
  [LogLevel.WARN]: 'warn',
  [LogLevel.ERROR]: 'error',
}

/** The attributes of a LOG record. What is no JSON object is kept as text: a worker's fault costs nobody its words. */
function attributesOf(json: string): Readonly<Record<string, unknown>> {
  if (json === '') return {}
  try {
    const value: unknown = JSON.parse(json)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  } catch {
    return { attributes: json }
  }
  return { attributes: json }
}
