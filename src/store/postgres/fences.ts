import { createHash } from 'node:crypto'
import pg from 'pg'
import { EVERY, quoted } from './database.ts'

// Row-level security. Who does not own the tables sees in each the rows of the one tenant that `tollgate.tenant` names, all where it is `*`,
// and nothing where it is not set. The owner is not bound, so that a version that sets nothing goes on beside this one.

interface Fencing {
  readonly client: pg.Client
  readonly schema: string
  /** As which gateways serve. */
  readonly role: string
}

/** In a subselect, so that it is read once a statement. */
const NAMED = "(SELECT nullif(current_setting('tollgate.tenant', true), ''))"

/** Whose a row is, in tables that do not say so by `tenant_id`. */
const OWNERS: Readonly<Record<string, string>> = {
  tenants: 'id',
  vault: "CASE kind WHEN 'data-key' THEN name END",
  ends: '(SELECT tenant_id FROM attempts WHERE attempts.seq = ends.seq)',
}

/** Which rows of an owner are seen. The planner takes an inequality to leave nearly all rows, and plans as if there were no fence. */
const seen = (owner: string): string => `CASE ${NAMED} WHEN '${EVERY}' THEN 1 WHEN ${owner} THEN 1 ELSE 0 END <> 0`

/** The role's name: a cluster may hold several databases of ours, and none of their gateways may read another's. */
export async function roleOf(client: pg.Client, schema: string): Promise<string> {
  const { rows } = await client.query('SELECT current_database() AS name')
  const name = `${schema}_of_${rows[0].name}`
  // The server would cut a longer name, and cut ones may be equal.
  return Buffer.byteLength(name) <= 63 ? name : `tollgate_${createHash('sha256').update(name).digest('hex').slice(0, 32)}`
}

/** There is something to be fenced or granted, and this user may do it. */
export async function fencing({ client, schema, role }: Fencing): Promise<boolean> {
  const { rows } = await client.query(
    `SELECT pg_has_role(relowner, 'USAGE') AND (
      EXISTS (SELECT 1 FROM pg_class WHERE relnamespace = ours.relnamespace AND relkind = 'r' AND NOT relrowsecurity)
      OR coalesce((SELECT NOT has_table_privilege(oid, ours.oid, 'SELECT') FROM pg_roles WHERE rolname = $2),
        (SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user))) AS due
    FROM pg_class AS ours WHERE oid = to_regclass($1)`,
    [`${quoted(schema)}.schema_steps`, role],
  )
  return rows[0]?.due === true
}

/** Every table of ours that is not fenced yet, whatever step made it. */
export async function fence(client: pg.Client, schema: string): Promise<void> {
  const { rows } = await client.query<{ table: string; owned: boolean }>(
    `SELECT relname AS table, EXISTS (SELECT 1 FROM pg_attribute WHERE attrelid = pg_class.oid AND attname = 'tenant_id') AS owned
    FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace WHERE nspname = $1 AND relkind = 'r' AND NOT relrowsecurity ORDER BY relname`,
    [schema],
  )
  for (const { table, owned } of rows) {
    const owner = OWNERS[table] ?? (owned ? 'tenant_id' : 'NULL')
    // Triggers list what changed, in whoever's name it was changed.
    const rule = `USING (${seen(owner)})${table === 'changes' ? ' WITH CHECK (true)' : ''}`
    await client.query(`CREATE POLICY by_tenant ON ${quoted(table)} ${rule}; ALTER TABLE ${quoted(table)} ENABLE ROW LEVEL SECURITY`)
  }
}

/** Makes the role where this user may, and lets it work on all tables. Where there is none and none can be made, nothing is done. */
export async function admit({ client, schema, role }: Fencing): Promise<void> {
  const [name, ours] = [quoted(role), quoted(schema)]
  const { rows } = await client.query(
    `SELECT rolsuper AS super, rolsuper OR rolcreaterole AS creates, EXISTS (SELECT 1 FROM pg_roles WHERE rolname = $1) AS there,
      (SELECT pg_has_role(nspowner, 'USAGE') FROM pg_namespace WHERE nspname = $2) AS owns
    FROM pg_roles WHERE rolname = current_user`,
    [role, schema],
  )
  const [{ super: isSuper, creates, there, owns }] = rows
  if (!there && !creates) return
  if (!there) await client.query(`CREATE ROLE ${name} NOLOGIN`)
  // Who made a role need not be in it, and who is not cannot serve as it.
  if (!there && !isSuper) await client.query(`GRANT ${name} TO CURRENT_USER`)
  // Whoever made the schema for us lets the role into it.
  if (owns) await client.query(`GRANT USAGE ON SCHEMA ${ours} TO ${name}`)
  await client.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${ours} TO ${name};
    REVOKE INSERT, UPDATE, DELETE ON schema_steps FROM ${name}`)
}

export interface Standing {
  /** As which a gateway serves; undefined: as this user. */
  readonly role: string | undefined
  readonly rowSecurity: boolean
}

/** Bound by the fences: as the user it is, where that owns nothing, else as the role, where there is one and this user may take it. */
export async function standing(client: pg.Client, role: string): Promise<Standing> {
  const { rows } = await client.query("SELECT row_security_active('schema_steps') AS bound")
  if (rows[0].bound) return { role: undefined, rowSecurity: true }
  try {
    await client.query(`SET ROLE ${quoted(role)}; SELECT 1 FROM schema_steps`)
    return { role, rowSecurity: true }
  } catch (error) {
    // 22023: no such role; 42501: not for this user, or nothing was granted to it.
    if (error instanceof pg.DatabaseError && /^(?:22023|42501)$/.test(error.code ?? '')) return { role: undefined, rowSecurity: false }
    throw error
  }
}
