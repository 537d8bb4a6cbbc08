{{/* What the program calls the key in its working directory. */}}
{{- define "hallpass.userauthKeyFile" -}}
userauth.key
{{- end -}}

{{- define "hallpass.userauthEnv" -}}
{{- if eq .Values.database "sqlite" -}}
- name: DEPLOYMENT_TYPE
  value: DEV
{{- else -}}
- name: DEPLOYMENT_TYPE
  value: PROD
{{- with .Values.postgres }}
- name: POSTGRES_HOST
  value: {{ .host | quote }}
- name: POSTGRES_PORT
  value: {{ .port | quote }}
- name: POSTGRES_DBNAME
  value: {{ .dbname | quote }}
- name: POSTGRES_USERNAME
  value: {{ .username | quote }}
- name: POSTGRES_PASSWORD
  valueFrom:
    secretKeyRef:
      name: {{ include "hallpass.databaseSecret" $ }}
      key: {{ .passwordKey }}
# The driver's own variable, since the program has none.
- name: PGSSLMODE
  value: {{ .sslmode }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "hallpass.userauthProbes" -}}
startupProbe:
  tcpSocket:
    port: http
  periodSeconds: 2
  failureThreshold: 150
livenessProbe:
  httpGet:
    path: /openapi.json
    port: http
  timeoutSeconds: 5
readinessProbe:
  httpGet:
    path: /openapi.json
    port: http
  periodSeconds: 5
  timeoutSeconds: 5
{{- end -}}
