import { X509Certificate, createPrivateKey } from 'node:crypto'
import { readFile, rename } from 'node:fs/promises'
import { isIP } from 'node:net'
import { filesIn } from './render.ts'
import { run } from './run.ts'

/**
 * The balancer's own self-signed certificate, made once and kept. A pair that cannot be used (half-written, not belonging together) is made again. Resolves to the certificate's SHA-256 fingerprint, by which a new one is told from the old.
 */
export async function ensureCertificate(directory: string, address: string): Promise<string> {
  const files = filesIn(directory)
  const known = await usableFingerprint(files)
  if (known !== undefined) return known
  const name = isIP(address) === 0 ? `DNS:${address}` : `IP:${address}`
  const [key, certificate] = [`${files.key}.new`, `${files.certificate}.new`]
  const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '3650']
  const subject = ['-subj', '/CN=flota', '-addext', `subjectAltName=${name},DNS:localhost`]
  await run('openssl', ['req', ...kind, ...subject, '-keyout', key, '-out', certificate], 'make a certificate')
  await rename(key, files.key)
  await rename(certificate, files.certificate)
  return new X509Certificate(await readFile(files.certificate)).fingerprint256
}

async function usableFingerprint(files: { certificate: string; key: string }): Promise<string | undefined> {
  try {
    const certificate = new X509Certificate(await readFile(files.certificate))
    const key = createPrivateKey(await readFile(files.key))
    return certificate.checkPrivateKey(key) ? certificate.fingerprint256 : undefined
  } catch {
    return undefined // missing or unreadable: both mean that a new pair is needed
  }
}
