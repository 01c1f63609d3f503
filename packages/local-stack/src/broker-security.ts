import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { HOST } from './broker-settings.ts'
import { javaTool } from './tools.ts'

/** What a broker with TLS, SCRAM and access rights is made with. */
export interface BrokerSecurity {
  /** Passwords by user name. They may do nothing until an ACL says so. */
  readonly users: Readonly<Record<string, string>>
}

export interface Credentials {
  readonly username: string
  readonly password: string
}

/** What a client needs to connect. */
export interface BrokerAccess {
  /** Certificate to trust (PEM). */
  readonly ca: string
  readonly mechanism: 'scram-sha-512'
  /** May do everything. */
  readonly superUser: Credentials
}

export interface PreparedSecurity {
  readonly access: BrokerAccess
  readonly properties: Readonly<Record<string, string>>
  /** Arguments that make the users when a node is formatted. */
  readonly formatArgs: readonly string[]
}

const SUPER_USER = 'admin'
const BROKER_NAME = 'CN=sluice-local-broker'
const SECRET_BYTES = 18
const VALID_DAYS = '2'

const secret = (): string => randomBytes(SECRET_BYTES).toString('base64url')

/**
 * Makes a key and a certificate in `home`, and the settings of a broker whose clients come over TLS with SCRAM-SHA-512 and may do what an ACL
 * allows, the super user everything. Controllers know each other by that certificate.
 */
export async function prepareSecurity(
  { users }: BrokerSecurity,
  home: string,
): Promise<PreparedSecurity> {
  const superUser = { username: SUPER_USER, password: secret() }
  const store = { path: join(home, 'broker.p12'), password: secret() }
  const ca = await makeCertificate(store)
  const everybody = { ...users, [superUser.username]: superUser.password }
  return {
    access: { ca, mechanism: 'scram-sha-512', superUser },
    properties: { ...tlsProperties(store), ...rightsProperties(superUser) },
    formatArgs: Object.entries(everybody).flatMap(([name, password]) => [
      '--add-scram',
      `SCRAM-SHA-512=[name=${name},password=${password}]`,
    ]),
  }
}

interface KeyStore {
  readonly path: string
  readonly password: string
}

/** A key with a certificate signed by itself. Returns the certificate as PEM. */
async function makeCertificate({ path, password }: KeyStore): Promise<string> {
  const store = ['-keystore', path, '-storetype', 'PKCS12', '-storepass', password]
  const key = ['-alias', 'broker', '-keyalg', 'EC', '-groupname', 'secp256r1']
  const names = ['-dname', BROKER_NAME, '-ext', `san=ip:${HOST},dns:localhost`, '-ext', 'bc:c']
  await keytool(['-genkeypair', ...store, ...key, ...names, '-validity', VALID_DAYS])
  return keytool(['-exportcert', '-rfc', ...store, '-alias', 'broker'])
}

async function keytool(args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(javaTool('keytool'), [...args])
  return stdout
}

/** The store trusts its own certificate, so it serves for both. */
function tlsProperties({ path, password }: KeyStore): Readonly<Record<string, string>> {
  const stores = ['keystore', 'truststore'].flatMap(store => [
    [`ssl.${store}.location`, path],
    [`ssl.${store}.type`, 'PKCS12'],
    [`ssl.${store}.password`, password],
  ])
  return {
    'listener.security.protocol.map': 'CLIENT:SASL_SSL,CONTROLLER:SSL',
    'listener.name.controller.ssl.client.auth': 'required',
    ...(Object.fromEntries(stores) as Record<string, string>),
  }
}

/** Brokers come to each other as the super user. */
function rightsProperties({ username, password }: Credentials): Readonly<Record<string, string>> {
  const login = `org.apache.kafka.common.security.scram.ScramLoginModule required username="${username}" password="${password}";`
  return {
    'sasl.enabled.mechanisms': 'SCRAM-SHA-512',
    'sasl.mechanism.inter.broker.protocol': 'SCRAM-SHA-512',
    'listener.name.client.scram-sha-512.sasl.jaas.config': login,
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'super.users': `User:${username};User:${BROKER_NAME}`,
  }
}
