package deploy

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	"sigs.k8s.io/json"
	"sigs.k8s.io/yaml"
)

const (
	helmModule = "helm.sh/helm/v3/cmd/helm@v3.22.0"
	// kubeVersion is passed to helm, because a binary from go install knows none.
	kubeVersion = "1.34.0"
	chart       = "chart"
)

var installHelm = sync.OnceValues(func() ([]byte, error) {
	cmd := exec.Command("go", "install", "-ldflags=-s -w", helmModule)
	cmd.Env = append(os.Environ(), "GOBIN="+scratch, "CGO_ENABLED=0")
	return cmd.CombinedOutput()
})

// helm runs helm with folders of its own and without a cluster.
func helm(t *testing.T, args ...string) (string, error) {
	t.Helper()
	if said, err := installHelm(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	home := t.TempDir()
	cmd := exec.CommandContext(t.Context(), filepath.Join(scratch, "helm"), args...)
	cmd.Env = []string{"HOME=" + home, "KUBECONFIG=" + filepath.Join(home, "none")}
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// objects are what the chart makes of some values.
type objects struct {
	deployment appsv1.Deployment
	service    corev1.Service
	secrets    map[string]corev1.Secret
	claims     []corev1.PersistentVolumeClaim
	accounts   []corev1.ServiceAccount
	budgets    []policyv1.PodDisruptionBudget
	policies   []networkingv1.NetworkPolicy
	ingresses  []networkingv1.Ingress
}

// pod returns the pod of the deployment.
func (o *objects) pod() corev1.PodSpec { return o.deployment.Spec.Template.Spec }

// container returns the only container of the pod.
func (o *objects) container() corev1.Container { return o.pod().Containers[0] }

// template renders the chart as a release with a name and a namespace.
func template(t *testing.T, args ...string) (string, error) {
	t.Helper()
	return helm(
		t, append([]string{"template", "acc", chart, "--namespace", "auth", "--kube-version", kubeVersion}, args...)...,
	)
}

// render renders the chart, and reads each object as the API does, which refuses unknown
// fields.
func render(t *testing.T, args ...string) *objects {
	t.Helper()
	out, err := template(t, args...)
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return decode(t, out)
}

func decode(t *testing.T, manifest string) *objects {
	t.Helper()
	o, seen := &objects{secrets: map[string]corev1.Secret{}}, map[string]int{}
	for doc := range strings.SplitSeq(manifest, "\n---\n") {
		var kind struct{ Kind string }
		if err := yaml.Unmarshal([]byte(doc), &kind); err != nil {
			t.Fatalf("%v in %s", err, doc)
		}
		seen[kind.Kind]++
		switch kind.Kind {
		case "Deployment":
			strictly(t, doc, &o.deployment)
		case "Service":
			strictly(t, doc, &o.service)
		case "Secret":
			var s corev1.Secret
			strictly(t, doc, &s)
			o.secrets[s.Name] = s
		case "PersistentVolumeClaim":
			o.claims = append(o.claims, *strictly(t, doc, &corev1.PersistentVolumeClaim{}))
		case "ServiceAccount":
			o.accounts = append(o.accounts, *strictly(t, doc, &corev1.ServiceAccount{}))
		case "PodDisruptionBudget":
			o.budgets = append(o.budgets, *strictly(t, doc, &policyv1.PodDisruptionBudget{}))
		case "NetworkPolicy":
			o.policies = append(o.policies, *strictly(t, doc, &networkingv1.NetworkPolicy{}))
		case "Ingress":
			o.ingresses = append(o.ingresses, *strictly(t, doc, &networkingv1.Ingress{}))
		default:
			t.Fatalf("an object of kind %q: %s", kind.Kind, doc)
		}
	}
	if seen["Deployment"] != 1 || seen["Service"] != 1 || len(o.pod().Containers) != 1 ||
		len(o.pod().InitContainers) != 0 {
		t.Fatalf("objects by kind %v, %d containers", seen, len(o.pod().Containers))
	}
	return o
}

func strictly[T any](t *testing.T, doc string, into *T) *T {
	t.Helper()
	text, err := yaml.YAMLToJSONStrict([]byte(doc))
	if err != nil {
		t.Fatalf("%v in %s", err, doc)
	}
	unknown, err := json.UnmarshalStrict(text, into)
	if err = errors.Join(append(unknown, err)...); err != nil {
		t.Fatalf("%v in %s", err, doc)
	}
	return into
}
