{{- define "tollgate.name" -}}
{{- if contains "tollgate" .Release.Name }}{{ .Release.Name }}{{ else }}{{ printf "%s-tollgate" .Release.Name }}{{ end }}
{{- end }}

{{- define "tollgate.selector" -}}
app.kubernetes.io/name: tollgate
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "tollgate.labels" -}}
{{ include "tollgate.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "tollgate.gateway" -}}
{{- $said := dict
  "admin_addr" "0.0.0.0:4001"
  "database_url_file" "/run/secrets/tollgate/database-url"
  "master_keys_file" "/run/secrets/tollgate/master-keys"
  "admin_key_file" "/run/secrets/tollgate/admin-key"
  "demo" "off"
}}
{{- if .Values.redis }}{{ $said = set $said "redis_url_file" "/run/secrets/tollgate/redis-url" }}{{ end }}
{{- with .Values.trustedProxies }}{{ $said = set $said "trusted_proxies" . }}{{ end }}
{{- $keys := dict }}
{{- range $name, $file := .Values.platformKeys }}{{ $keys = set $keys $name (printf "/run/secrets/tollgate/%s" $file) }}{{ end }}
{{- if $keys }}{{ $said = set $said "platform_keys" $keys }}{{ end }}
{{- toYaml (mergeOverwrite $said (deepCopy .Values.gateway)) }}
{{- end }}
