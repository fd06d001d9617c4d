/**
 * The filter of system calls for workers at `sandbox` and `oci`: what no function needs and what has opened kernels
 * before is refused with EPERM. A list of what is refused, not of what is allowed: a runtime's next version must start.
 */

/** Refused calls by name, with their numbers on x86-64. */
const REFUSED_X64: Readonly<Record<string, number>> = {
  ptrace: 101,
  pivot_root: 155,
  settimeofday: 164,
  mount: 165,
  umount2: 166,
  swapon: 167,
  swapoff: 168,
  reboot: 169,
  init_module: 175,
  delete_module: 176,
  clock_settime: 227,
  kexec_load: 246,
  add_key: 248,
  request_key: 249,
  keyctl: 250,
  unshare: 272,
  perf_event_open: 298,
  open_by_handle_at: 304,
  setns: 308,
  process_vm_readv: 310,
  process_vm_writev: 311,
  finit_module: 313,
  kexec_file_load: 320,
  bpf: 321,
  userfaultfd: 323,
  io_uring_setup: 425,
  io_uring_enter: 426,
  io_uring_register: 427,
  open_tree: 428,
  move_mount: 429,
  fsopen: 430,
  fsconfig: 431,
  fsmount: 432,
  pidfd_getfd: 438,
}
const CLONE_X64 = 56
/** Its flags lie in memory, where a filter cannot look: with ENOSYS the C library falls back to clone. */
const CLONE3_X64 = 435
/** CLONE_NEW*: mount, cgroup, uts, ipc, user, pid, net. */
const NEW_NAMESPACE = [0x2_0000, 0x200_0000, 0x400_0000, 0x800_0000, 0x1000_0000, 0x2000_0000, 0x4000_0000]
const ARCH_X64 = 0xc000_003e
/** Numbers from here on are those of another calling convention (x32). */
const X32_BIT = 0x4000_0000

const EPERM = 1
const ENOSYS = 38
const ALLOW = 0x7fff_0000
const KILL_PROCESS = 0x8000_0000
const refuse = (errno: number): number => 0x0005_0000 | errno

/** Offsets in the kernel's `struct seccomp_data`. */
const NUMBER_AT = 0
const ARCH_AT = 4
const FIRST_ARGUMENT_AT = 16

const LOAD = 0x20
const JUMP_EQUAL = 0x15
const JUMP_AT_LEAST = 0x35
const JUMP_ANY_BIT = 0x45
const RETURN = 0x06

/**
 * The filter as the kernel takes it: 8-byte instructions of classic BPF, for bubblewrap. Undefined: this architecture
 * (`process.arch`) has no filter yet, and `millrace doctor` says so.
 */
export function filterProgram(arch: string): Uint8Array | undefined {
  if (arch !== 'x64') return undefined
  const steps: [code: number, ifTrue: number, ifFalse: number, value: number][] = []
  const then = (code: number, value: number, result: number): void => {
    // The next instruction when it holds, else the one after that.
    steps.push([code, 0, 1, value], [RETURN, 0, 0, result])
  }
  steps.push([LOAD, 0, 0, ARCH_AT], [JUMP_EQUAL, 1, 0, ARCH_X64], [RETURN, 0, 0, KILL_PROCESS])
  steps.push([LOAD, 0, 0, NUMBER_AT])
  then(JUMP_AT_LEAST, X32_BIT, refuse(ENOSYS))
  then(JUMP_EQUAL, CLONE3_X64, refuse(ENOSYS))
  for (const number of Object.values(REFUSED_X64)) then(JUMP_EQUAL, number, refuse(EPERM))
  steps.push([JUMP_EQUAL, 0, 3, CLONE_X64], [LOAD, 0, 0, FIRST_ARGUMENT_AT])
  then(
    JUMP_ANY_BIT,
    NEW_NAMESPACE.reduce((all, bit) => all | bit),
    refuse(EPERM),
  )
  steps.push([RETURN, 0, 0, ALLOW])
  const bytes = new DataView(new ArrayBuffer(steps.length * 8))
  for (const [i, [code, ifTrue, ifFalse, value]] of steps.entries()) {
    bytes.setUint16(i * 8, code, true)
    bytes.setUint8(i * 8 + 2, ifTrue)
    bytes.setUint8(i * 8 + 3, ifFalse)
    bytes.setUint32(i * 8 + 4, value >>> 0, true)
  }
  return new Uint8Array(bytes.buffer)
}

/** The same filter as the runtime specification of OCI has it; names that the architecture lacks are left out by runc. */
export function filterOfBundle(): object {
  const names = Object.keys(REFUSED_X64)
  return {
    defaultAction: 'SCMP_ACT_ALLOW',
    syscalls: [
      { names, action: 'SCMP_ACT_ERRNO', errnoRet: EPERM },
      { names: ['clone3'], action: 'SCMP_ACT_ERRNO', errnoRet: ENOSYS },
      ...NEW_NAMESPACE.map((bit) => ({
        names: ['clone'],
        action: 'SCMP_ACT_ERRNO',
        errnoRet: EPERM,
        args: [{ index: 0, value: bit, valueTwo: bit, op: 'SCMP_CMP_MASKED_EQ' }],
      })),
    ],
  }
}
