/** A content block of a message: https://platform.claude.com/docs/en/api/messages */
export interface Block {
  type: string
  [field: string]: unknown
}
