export { DataDirError } from './disk/data-dir-error.js';
export type { SyncPolicy } from './disk/disk-store.js';
export { type Emulator, type EmulatorOptions, type NewStreamOptions, startEmulator } from './emulator.js';
export { FaultError } from './faults/fault-action.js';
export { LIMITS, type Limit, type LimitName } from './limits/limit-table.js';
export { type LimitsSetting, parseLimits } from './limits/limits.js';
export type { LogLevel, LogOptions } from './observe/request-log.js';
