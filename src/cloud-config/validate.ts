import type { Finding } from './finding.ts'
import { prepareUserData } from './prepare.ts'
import type { Addresses } from './substitute.ts'

/** Addresses for documentation (RFC 5737, RFC 3849), so that the text is checked as a machine will read it. */
const sample: Addresses = {
  public_ipv4: '192.0.2.1',
  private_ipv4: '198.51.100.1',
  public_ipv6: '2001:db8::1',
  private_ipv6: '2001:db8::2',
}

/** Everything that is to be said about a user-data file before any machine sees it. */
export function validateUserData(bytes: Buffer): readonly Finding[] {
  return prepareUserData(bytes, { addresses: sample, environment: '', hostname: 'localhost' }).findings
}
