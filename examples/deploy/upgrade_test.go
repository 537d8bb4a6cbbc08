package deploy

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// cluster is the small part of a cluster's API that helm asks while it renders. It has one
// Secret or none.
func cluster(t *testing.T, secret *corev1.Secret) (args []string) {
	t.Helper()
	answers := map[string]any{
		"/version": map[string]string{"major": "1", "minor": "34", "gitVersion": "v" + kubeVersion},
		"/api":     metav1.APIVersions{TypeMeta: metav1.TypeMeta{Kind: "APIVersions"}, Versions: []string{"v1"}},
		"/apis":    metav1.APIGroupList{TypeMeta: metav1.TypeMeta{Kind: "APIGroupList", APIVersion: "v1"}},
		"/api/v1": metav1.APIResourceList{TypeMeta: metav1.TypeMeta{Kind: "APIResourceList"}, GroupVersion: "v1",
			APIResources: []metav1.APIResource{
				{Name: "secrets", Kind: "Secret", Namespaced: true, Verbs: metav1.Verbs{"get"}},
			}},
	}
	if secret != nil {
		secret.TypeMeta = metav1.TypeMeta{Kind: "Secret", APIVersion: "v1"}
		answers["/api/v1/namespaces/auth/secrets/"+secret.Name] = secret
	}
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		answer, ok := answers[r.URL.Path]
		if !ok {
			w.WriteHeader(http.StatusNotFound)
			answer = metav1.Status{TypeMeta: metav1.TypeMeta{
				Kind: "Status", APIVersion: "v1",
			}, Status: metav1.StatusFailure, Reason: metav1.StatusReasonNotFound, Code: http.StatusNotFound}
		}
		_ = json.NewEncoder(w).Encode(answer)
	}))
	t.Cleanup(api.Close)
	return []string{"--dry-run=server", "--kube-apiserver", api.URL}
}

// The key of a release stays through its upgrades.
func TestChartKeepsKey(t *testing.T) {
	t.Parallel()
	const name, entry = "acc-hallpass-key", "hallpass.key"
	values := []string{"-f", valuesFile("server-sqlite")}
	first := render(t, append(values, cluster(t, nil)...)...).secrets[name]
	if len(first.Data[entry]) == 0 {
		t.Fatal("there is no key")
	}
	again := render(t, append(values, cluster(t, &first)...)...).secrets[name]
	if string(again.Data[entry]) != string(first.Data[entry]) {
		t.Error("an upgrade makes another key")
	}

	// A Secret of that name without the entry belongs to somebody else.
	delete(first.Data, entry)
	if out, err := template(
		t, append(values, cluster(t, &first)...)...,
	); err == nil || !strings.Contains(out, "Secret acc-hallpass-key is there and has no entry hallpass.key") {
		t.Errorf("%v: %s", err, out)
	}
}
