{{- define "hallpass.userauthEnv" -}}
- name: USERAUTH_BASE_URL
  value: {{ .Values.baseURL | quote }}
- name: USERAUTH_KEY_FILE
  value: /etc/hallpass/key/hallpass.key
{{- with .Values.trustedProxies }}
- name: USERAUTH_TRUSTED_PROXIES
  value: {{ join "," . | quote }}
{{- end }}
{{- if eq .Values.database "sqlite" }}
- name: DEPLOYMENT_TYPE
  value: DEV
{{- else }}
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
# The driver reads this variable.
- name: PGSSLMODE
  value: {{ .sslmode }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "hallpass.userauthProbes" -}}
# The program does not answer while it migrates the database.
startupProbe:
  httpGet:
    path: /openapi.json
    port: http
  periodSeconds: 2
  failureThreshold: 150
livenessProbe:
  httpGet:
    path: /openapi.json
    port: http
  timeoutSeconds: 5
# The policy is read from the database.
readinessProbe:
  httpGet:
    path: /auth/policy
    port: http
  periodSeconds: 5
  timeoutSeconds: 5
{{- end -}}
