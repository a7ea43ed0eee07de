import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { Observer } from '../contract/gateway.ts'

export interface Metrics extends Observer {
  /** The text of `/metrics`, in Prometheus' exposition format. */
  text(): Promise<string>
  readonly contentType: string
  /** A figure that is read when somebody asks. */
  gauge(figure: Figure): void
}

export interface Figure {
  readonly name: string
  readonly help: string
  readonly label: string
  read(): Iterable<readonly [label: string, value: number]>
}

/** Labels come from the catalogue and the error table, so their number is bounded; what no catalogue lists is `other`. */
export function createMetrics(): Metrics {
  const registry = new Registry()
  const count = counters(registry)
  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    gauge: ({ name, help, label, read }) => {
      const gauge = new Gauge({
        name,
        help,
        labelNames: [label],
        registers: [registry],
        collect: () => {
          gauge.reset()
          for (const [value, figure] of read()) gauge.set({ [label]: value }, figure)
        },
      })
    },
    attempt({ offer, code, firstByteMs, totalMs, usage }) {
      const provider = offer.provider.id
      const model = offer.model?.id ?? 'other'
      count.attempts.inc({ provider, model, source: offer.credential.source, code })
      count.seconds.observe({ provider }, totalMs / 1000)
      if (firstByteMs !== undefined) count.firstByte.observe({ provider }, firstByteMs / 1000)
      if (!offer.price) count.unpriced.inc({ provider })
      if (usage?.input !== undefined) count.tokens.inc({ provider, model, type: 'input' }, usage.input)
      if (usage?.output !== undefined) count.tokens.inc({ provider, model, type: 'output' }, usage.output)
    },
    refused: (code) => count.failures.inc({ code }),
  }
}

const SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120]

function counters(registry: Registry) {
  const registers = [registry]
  const counter = (name: string, help: string, labelNames: string[]) =>
    new Counter({ name: `tollgate_${name}`, help, labelNames, registers })
  const histogram = (name: string, help: string) =>
    new Histogram({ name: `tollgate_${name}`, help, labelNames: ['provider'], buckets: SECONDS, registers })
  return {
    attempts: counter('attempts_total', 'Attempts that were sent to a provider.', ['provider', 'model', 'source', 'code']),
    failures: counter('failures_total', 'Requests that were not answered well, by code.', ['code']),
    tokens: counter('tokens_total', 'Tokens as providers report them.', ['provider', 'model', 'type']),
    unpriced: counter('unpriced_attempts_total', 'Attempts whose price is unknown, so that their cost is null.', ['provider']),
    seconds: histogram('attempt_seconds', 'Time of an attempt, to its end.'),
    firstByte: histogram('first_byte_seconds', 'Time to the first byte of an answer.'),
  }
}
