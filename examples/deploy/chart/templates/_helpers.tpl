{{/* The name of all objects: the release's, with the chart's unless it is in there. */}}
{{- define "hallpass.fullname" -}}
{{- if contains .Chart.Name .Release.Name -}}
{{ .Release.Name | trunc 50 | trimSuffix "-" }}
{{- else -}}
{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 50 | trimSuffix "-" }}
{{- end -}}
{{- end -}}

{{- define "hallpass.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "hallpass.labels" -}}
{{ include "hallpass.selector" . }}
app.kubernetes.io/component: {{ .Values.program }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "hallpass.port" -}}
{{ ternary 8080 8000 (eq .Values.program "server") }}
{{- end -}}

{{- define "hallpass.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{ .Values.serviceAccount.name | default (include "hallpass.fullname" .) }}
{{- else -}}
{{ .Values.serviceAccount.name | default "default" }}
{{- end -}}
{{- end -}}

{{- define "hallpass.claim" -}}
{{ .Values.persistence.existingClaim | default (printf "%s-data" (include "hallpass.fullname" .)) }}
{{- end -}}

{{- define "hallpass.keySecret" -}}
{{ .Values.key.existingSecret | default (printf "%s-key" (include "hallpass.fullname" .)) }}
{{- end -}}

{{- define "hallpass.databaseSecret" -}}
{{ .Values.postgres.existingSecret | default (printf "%s-database" (include "hallpass.fullname" .)) }}
{{- end -}}

{{- define "hallpass.ingressHost" -}}
{{ .Values.ingress.host | default (urlParse .Values.baseURL).hostname }}
{{- end -}}

{{/* A part of a URL: urlquery alone would write + for a space. */}}
{{- define "hallpass.escape" -}}
{{ . | urlquery | replace "+" "%20" }}
{{- end -}}
