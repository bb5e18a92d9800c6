/**
 * An audit log in which a change shows: a listener for the events of a vault, and the proof that nothing was changed.
 *
 * @module guillemet/audit
 */

export { type AuditLog, type AuditLogOptions, auditLog } from './audit/audit-log.ts'
export { type AuditLogReport, type VerifyAuditLogOptions, verifyAuditLog } from './audit/verify-audit-log.ts'
