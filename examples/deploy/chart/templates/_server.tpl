{{- define "hallpass.serverEnv" -}}
- name: HALLPASS_ADDR
  value: ":{{ include "hallpass.port" . }}"
- name: HALLPASS_BASE_URL
  value: {{ .Values.baseURL | quote }}
- name: HALLPASS_LOG
  value: json
- name: HALLPASS_KEY_FILE
  value: /etc/hallpass/key/hallpass.key
{{- if eq .Values.database "sqlite" }}
- name: HALLPASS_DB
  value: /data/hallpass.db
{{- else }}
- name: HALLPASS_DB_FILE
  value: /etc/hallpass/database/url
{{- end }}
{{- with .Values.trustedProxies }}
- name: HALLPASS_TRUSTED_PROXIES
  value: {{ join "," . | quote }}
{{- end }}
{{- end -}}

{{- define "hallpass.serverProbes" -}}
# The program does not answer while it migrates the database.
startupProbe:
  httpGet:
    path: /healthz
    port: http
  periodSeconds: 2
  failureThreshold: 150
livenessProbe:
  httpGet:
    path: /healthz
    port: http
  timeoutSeconds: 5
readinessProbe:
  httpGet:
    path: /readyz
    port: http
  periodSeconds: 5
  timeoutSeconds: 5
{{- end -}}
