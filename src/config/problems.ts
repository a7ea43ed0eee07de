/** One thing wrong in the configuration, in a sentence that says what to do. Never holds a value that may be a secret. */
export interface ConfigProblem {
  /** `plans.yaml`, or `environment`. */
  readonly file: string
  /** From 1; 0 where there is no line to point at. */
  readonly line: number
  /** `plans.team.models[1]`; empty for the file as a whole. */
  readonly path: string
  readonly message: string
}

/** The configuration cannot be used. Lists everything that is wrong with it, so that it is mended in one go. */
export class ConfigError extends Error {
  readonly problems: readonly ConfigProblem[]

  constructor(problems: readonly ConfigProblem[]) {
    super(problems.map(oneLine).join('\n'))
    this.name = 'ConfigError'
    this.problems = problems
  }
}

function oneLine({ file, line, path, message }: ConfigProblem): string {
  const place = line > 0 ? `${file}:${line}` : file
  return path === '' ? `${place}: ${message}` : `${place} ${path}: ${message}`
}
