// What Bedrock's names of models tell: `[geography.]vendor.model`, by itself or at the end of an ARN.
// https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-support.html

const GEOGRAPHY = '(?:apac|au|ca|eu|global|in|jp|sa|us|us-gov)'
const BEFORE = `^(?:arn:[^/]+/)?(?:${GEOGRAPHY}\\.)?`

/** The names of one vendor's models. An application's own profile hides its model, and is nobody's. */
export const modelsOf = (vendor: string): RegExp => new RegExp(`${BEFORE}${vendor}\\.`)

const VENDOR = new RegExp(`${BEFORE}([a-z0-9]+)\\.`)

/** Who made the model, e.g. `anthropic`; undefined where its name hides it. */
export const vendorOf = (model: string): string | undefined => VENDOR.exec(model)?.[1]
