/** Triggers that list a table's changes: what kind of thing changed, and the column that tells which. */
export function noteChanges({ table, kind, id }: { table: string; kind: string; id: string }): string {
  return `
    CREATE TRIGGER ${table}_changed AFTER INSERT OR UPDATE OR DELETE ON ${table} FOR EACH ROW EXECUTE FUNCTION note_change('${kind}', '${id}');
    CREATE TRIGGER ${table}_truncated AFTER TRUNCATE ON ${table} EXECUTE FUNCTION note_truncation();
  `
}
