// Ids of different things do not mix: handing a slug where a tenant id belongs is a type error, not another tenant's key.

declare const brand: unique symbol
type Id<Name extends string> = string & { readonly [brand]: Name }

/** A tenant's opaque id: given by the operator or made by us. */
export type TenantId = Id<'TenantId'>
/** A tenant's slug, `[a-z0-9-]{1,63}`; it does not change. */
export type Slug = Id<'Slug'>
/** A provider's id in the registry, e.g. `minimax`. */
export type ProviderId = Id<'ProviderId'>
/** The name of a row in `tenant_settings`, always in upper case, e.g. `MINIMAX_API_KEY`. */
export type SettingKey = Id<'SettingKey'>
/** A plan's canonical id, as `plans.yaml` has it. */
export type PlanId = Id<'PlanId'>
/** The public part of a gateway key: ten base62 characters. */
export type KeyId = Id<'KeyId'>

// The only places where a plain string becomes an id; callers have checked what the string is.
export const tenantId = (text: string): TenantId => text as TenantId
export const slug = (text: string): Slug => text as Slug
export const providerId = (text: string): ProviderId => text as ProviderId
export const planId = (text: string): PlanId => text as PlanId
export const keyId = (text: string): KeyId => text as KeyId

/** Setting keys are compared in upper case, so they are only ever made in upper case. */
export const settingKey = (text: string): SettingKey => text.toUpperCase() as SettingKey

/** `<ID>_API_KEY`, with every character of the id that is not a letter or digit turned into `_`. */
export const settingKeyOf = (id: string): SettingKey => settingKey(`${id.replace(/[^A-Za-z0-9]/g, '_')}_API_KEY`)
