import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { environmentSchema } from '../../src/config/env.ts'
import { loadConfig } from '../../src/config/load.ts'
import type { Settings } from '../../src/config/settings.ts'
import { readImage, root } from '../support/dockerfile.ts'
import { startGateway, type TestGateway } from '../support/gateway.ts'

// What deploy/ promises without an engine that runs it: who a container is, what it may write, whom it asks whether it is well, and how
// long it is given to end.

// biome-ignore lint/suspicious/noExplicitAny: files in every shape
type Any = any

const text = (path: string) => readFileSync(join(root, 'deploy', path), 'utf8')
const image = readImage()
const seconds = (duration: string) => Number(/^(\d+)s$/.exec(duration)?.[1])
const known = new Set([...environmentSchema.keyof().options, 'TOLLGATE_CONFIG', 'TOLLGATE_DATA', 'NODE_ENV'])
const folders: string[] = []

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startGateway()
})
afterAll(async () => {
  await gateway.stop()
  for (const folder of folders) rmSync(folder, { recursive: true })
})

/** What a gateway would make of this `gateway.yaml`, with its secrets where the file says. */
function settingsOf(yaml: string, place: string): Settings {
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-deploy-'))
  folders.push(folder)
  const secrets = {
    'database-url': 'postgres://tollgate:password@postgres/tollgate',
    'redis-url': 'redis://valkey:6379',
    'master-keys': `k1:${Buffer.alloc(32, 1).toString('base64')}`,
    'admin-key': 'f'.repeat(64).replaceAll('ff', 'a7'),
    openai: 'sk-proj-0123456789abcdefghij',
  }
  for (const [name, secret] of Object.entries(secrets)) writeFileSync(join(folder, name), secret)
  writeFileSync(join(folder, 'plans.yaml'), readFileSync(join(root, 'config/plans.yaml')))
  writeFileSync(join(folder, 'gateway.yaml'), yaml.replaceAll(`${place}/`, `${folder}/`))
  return loadConfig({ folder, env: {} }).settings
}

async function expectProbes(paths: readonly string[]): Promise<void> {
  expect(paths.length, 'probes').toBeGreaterThan(0)
  for (const path of paths) expect([path, (await gateway.call('GET', path)).status]).toEqual([path, 200])
}

it('the image sets variables that the gateway knows', () => {
  expect(Object.keys(image.env).filter((name) => !known.has(name))).toEqual([])
})

describe('deploy/compose.yaml', () => {
  const { services, secrets, networks } = parse(text('compose.yaml'))
  const balancer = text('compose/haproxy.cfg')
  const settings = () => settingsOf(text('compose/gateway.yaml'), '/run/secrets')

  it('runs each gateway as nobody, on a file system that nobody writes, with images named exactly', () => {
    expect(services.gateway).toMatchObject({
      user: image.user,
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
    })
    for (const [name, service] of Object.entries<Any>(services))
      expect([name, service.image]).toEqual([name, expect.stringMatching(/:\d+\.\d+/)])
    expect(services.gateway.deploy.replicas).toBe(2)
  })

  it('gives a gateway more time to end than it takes', () => {
    const { DRAIN_DELAY, DRAIN_TIMEOUT } = services.gateway.environment
    expect(Object.keys(services.gateway.environment).filter((name) => !known.has(name))).toEqual([])
    expect(seconds(services.gateway.stop_grace_period)).toBeGreaterThan(seconds(DRAIN_DELAY) + seconds(DRAIN_TIMEOUT))
  })

  it('configures gateways that share their state, trust the balancer and take every secret from a file', () => {
    const { databaseUrl, redisUrl, masterKeys, adminKey, trustedProxies, demo } = settings()
    expect([databaseUrl, redisUrl, masterKeys, adminKey].every(Boolean)).toBe(true)
    expect([trustedProxies, demo]).toEqual([[networks.front.ipam.config[0].subnet], false])
    const read = [...text('compose/gateway.yaml').matchAll(/\/run\/secrets\/([\w-]+)/g)].map(([, name]) => name)
    expect(services.gateway.secrets).toEqual(expect.arrayContaining(read))
    expect(Object.keys(secrets)).toEqual(expect.arrayContaining(services.gateway.secrets))
    expect(networks.state.internal, 'nobody but the gateways reaches the state').toBe(true)
  })

  it('balances to the ports that the gateways listen on, by their readiness, noticed well within the drain’s delay', async () => {
    const { adminAddr } = settings()
    const targets = [...balancer.matchAll(/server-template gateway \d+ gateway:(\d+)/g)].map(([, port]) => Number(port))
    expect(targets).toEqual([Number(image.env['PORT']), adminAddr?.port])
    await expectProbes([...balancer.matchAll(/http-check send meth GET uri (\S+) ver HTTP\/1.1 hdr Host/g)].map(([, path]) => path ?? ''))
    const [, inter, fall] = /check inter (\d+)ms fall (\d+)/.exec(balancer) ?? []
    expect((Number(inter) * Number(fall)) / 1000).toBeLessThan(seconds(services.gateway.environment.DRAIN_DELAY) / 2)
  })

  it('waits for a provider as long as the gateway does, and sends nothing twice', () => {
    const minutes = Number(/timeout server (\d+)m/.exec(balancer)?.[1])
    expect(minutes * 60_000).toBeGreaterThan(settings().deadlines.total ?? Number.POSITIVE_INFINITY)
    expect(balancer).toMatch(/retry-on conn-failure$/m)
  })

  const haproxy = found('haproxy', '-v')
  it.skipIf(!haproxy)(`has a balancer's file that HAProxy takes${haproxy ? '' : ', skipped: haproxy is not installed'}`, () => {
    expect(execFileSync('haproxy', ['-c', '-f', join(root, 'deploy/compose/haproxy.cfg')], { encoding: 'utf8' })).toContain('valid')
  })
})

describe('deploy/helm/tollgate', () => {
  const values = parse(text('helm/tollgate/values.yaml'))
  const folder = join(root, 'deploy/helm/tollgate/templates')
  const templates = Object.fromEntries(
    readdirSync(folder)
      .filter((name) => name.endsWith('.yaml'))
      .map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
  )
  const [deployment] = plain(templates['deployment.yaml'])
  const pod = deployment.spec.template.spec
  const [container] = pod.containers

  it('is YAML in every template', () => {
    const kinds = Object.values(templates).flatMap((template) => plain(template).map(({ kind }: Any) => kind))
    const single = ['ConfigMap', 'Deployment', 'HorizontalPodAutoscaler', 'Ingress', 'NetworkPolicy', 'PodDisruptionBudget', 'PodMonitor']
    expect(kinds.sort()).toEqual([...single, 'Service', 'Service'])
  })

  it('runs each gateway as nobody, on a file system that nobody writes, without a token of the cluster', () => {
    expect(pod).toMatchObject({
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, runAsUser: Number(image.user.split(':')[0]), seccompProfile: { type: 'RuntimeDefault' } },
    })
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    })
    expect(container.volumeMounts.every(({ readOnly }: Any) => readOnly)).toBe(true)
  })

  it('asks the health routes on ports that are listened on', async () => {
    const probes = ['startupProbe', 'livenessProbe', 'readinessProbe'].map((name) => container[name].httpGet)
    await expectProbes(probes.map(({ path }) => path))
    expect(container.ports).toEqual([
      { name: 'http', containerPort: Number(image.env['PORT']) },
      { name: 'admin', containerPort: 4001 },
    ])
    expect(probes.map(({ port }) => port)).toEqual(['admin', 'admin', 'http'])
  })

  it('gives a gateway more time to end than it takes, and notices within its delay that it drains', () => {
    expect(templates['deployment.yaml']).toContain('terminationGracePeriodSeconds: {{ add .Values.drain.delay .Values.drain.timeout 10 }}')
    const { periodSeconds, failureThreshold } = container.readinessProbe
    expect(periodSeconds * failureThreshold).toBeLessThan(values.drain.delay)
    expect(container.env.map(({ name }: Any) => name).filter((name: string) => !known.has(name))).toEqual([])
    expect(deployment.spec.strategy.rollingUpdate).toEqual({ maxSurge: 1, maxUnavailable: 0 })
  })

  it('scales by a figure that the gateway has', async () => {
    const { metric } = plain(templates['autoscaling.yaml'])[0].spec.metrics[0].pods
    const { body } = await gateway.call('GET', '/metrics', { key: gateway.adminKey })
    const [[label, value]] = Object.entries(metric.selector.matchLabels) as [[string, string]]
    expect(body).toContain(`${metric.name}{${label}="${value}"} 0`)
  })

  const helm = found('helm', 'version')
  it.skipIf(!helm)(`renders gateways that can start${helm ? '' : ', skipped: helm is not installed'}`, () => {
    const words = ['template', 'x', join(root, 'deploy/helm/tollgate'), '--set-file', `plans=${join(root, 'config/plans.yaml')}`]
    const more = ['--kube-version=1.30', '--set=platformKeys.OPENAI_API_KEY=openai,ingress.enabled=true,ingress.host=a.example']
    const rendered = documents(execFileSync('helm', [...words, ...more], { encoding: 'utf8' }))
    const [config] = rendered.filter(({ kind }: Any) => kind === 'ConfigMap')
    const { adminAddr, databaseUrl, redisUrl, masterKeys, adminKey, demo } = settingsOf(
      config.data['gateway.yaml'],
      '/run/secrets/tollgate',
    )
    expect([adminAddr?.port, demo, databaseUrl && redisUrl && masterKeys && adminKey !== undefined]).toEqual([4001, false, true])
    expect(config.data['plans.yaml'].trim()).toBe(readFileSync(join(root, 'config/plans.yaml'), 'utf8').trim())
    const [{ spec }] = rendered.filter(({ kind }: Any) => kind === 'Deployment')
    expect(spec.template.spec.terminationGracePeriodSeconds).toBeGreaterThan(values.drain.delay + values.drain.timeout)
  })
})

/** What of a template is not up to its values: lines that only steer are left out, and every expression is one word. */
function plain(template = ''): Any[] {
  const lines = template.split('\n').filter((line) => !/^\s*\{\{.*\}\}$/.test(line))
  return documents(lines.join('\n').replaceAll(/\{\{-? .*? -?\}\}/g, 'x'))
}

const documents = (yaml: string): Any[] =>
  parseAllDocuments(yaml, { version: '1.1' }).flatMap((document) => {
    expect(document.errors).toEqual([])
    return [document.toJS()].filter((value) => typeof value === 'object' && value !== null)
  })

function found(program: string, word: string): boolean {
  try {
    return execFileSync(program, [word], { stdio: 'pipe' }).length > 0
  } catch {
    return false
  }
}
