import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { ToolMissingError } from '../src/errors.ts'
import { requireJava, requireMaven } from '../src/tools.ts'

describe('the programs that the local stack needs', () => {
  const { JAVA_HOME } = process.env
  let home: string
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'sluice-tools-test-'))
    mkdirSync(join(home, 'bin'))
    process.env['JAVA_HOME'] = home
  })
  afterEach(() => {
    rmSync(home, { recursive: true })
    if (JAVA_HOME === undefined) Reflect.deleteProperty(process.env, 'JAVA_HOME')
    else process.env['JAVA_HOME'] = JAVA_HOME
  })

  function installJava(version: string): void {
    const java = join(home, 'bin', 'java')
    writeFileSync(java, `#!/bin/sh\necho 'openjdk version "${version}" 2025-04-15' >&2\n`)
    chmodSync(java, 0o755)
  }

  test('Java 17 and later will do', () => {
    for (const version of ['17', '17.0.15', '21.0.2', '25-ea']) {
      installJava(version)
      expect(requireJava).not.toThrow()
    }
  })

  test('an older Java is refused with what it says and what to install', () => {
    installJava('11.0.22')
    expect(requireJava).toThrow(ToolMissingError)
    expect(requireJava).toThrow(/version "11\.0\.22".*needs Java 17 or later.*JAVA_HOME/s)
  })

  test('without Java the message says how to get it', () => {
    expect(requireJava).toThrow(/Java was not found.*install one/)
  })

  test('without Maven the message names the other way, a broker of one’s own', () => {
    const withoutMaven = () => requireMaven({ PATH: home })
    expect(withoutMaven).toThrow(ToolMissingError)
    expect(withoutMaven).toThrow(/Maven \(mvn\) was not found.*install it.*KAFKA_BROKERS/)
  })
})
