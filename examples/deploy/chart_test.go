package deploy

import (
	"encoding/base64"
	"maps"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// values is a file in chart/ci, and what the chart should make of it.
type values struct {
	program  string
	postgres bool
	replicas int32
	args     []string // on top of the program's own
	made     []string // the secrets that the chart makes
}

var valuesFiles = map[string]values{
	"server-sqlite":   {program: "server", replicas: 1, made: []string{"acc-hallpass-key"}},
	"server-postgres": {program: "server", postgres: true, replicas: 3},
	"server-everything": {program: "server", postgres: true, replicas: 2, args: []string{"--signup", "approval"},
		made: []string{"acc-hallpass-database", "acc-hallpass-key"}},
	"userauth-sqlite":   {program: "userauth", replicas: 1, made: []string{"acc-hallpass-key"}},
	"userauth-postgres": {program: "userauth", postgres: true, replicas: 2, made: []string{"acc-hallpass-key"}},
}

func valuesFile(name string) string { return filepath.Join(chart, "ci", name+"-values.yaml") }

// eachValues runs a check for each file of values.
func eachValues(t *testing.T, check func(t *testing.T, want values, o *objects)) {
	files, err := filepath.Glob(valuesFile("*"))
	if err != nil || len(files) != len(valuesFiles) {
		t.Fatalf("files %q, %v", files, err)
	}
	for name, want := range valuesFiles {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check(t, want, render(t, "-f", valuesFile(name)))
		})
	}
}

func TestChartLint(t *testing.T) {
	t.Parallel()
	for name := range valuesFiles {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, err := helm(t, "lint", "--strict", chart, "--kube-version", kubeVersion, "-f", valuesFile(name))
			if err != nil || !strings.Contains(out, "1 chart(s) linted, 0 chart(s) failed") ||
				strings.Contains(out, "[WARNING]") {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
}

// The pod has no rights on its node and none in the cluster.
func TestChartPodIsHardened(t *testing.T) {
	t.Parallel()
	eachValues(t, func(t *testing.T, _ values, o *objects) {
		pod, c := o.pod(), o.container()
		ps, cs := pod.SecurityContext, c.SecurityContext
		if ps == nil || cs == nil || ps.RunAsNonRoot == nil || ps.RunAsUser == nil || ps.FSGroup == nil ||
			ps.SeccompProfile == nil ||
			cs.AllowPrivilegeEscalation == nil || cs.ReadOnlyRootFilesystem == nil || cs.Capabilities == nil {
			t.Fatalf("security %+v, %+v", ps, cs)
		}
		if !*ps.RunAsNonRoot || *ps.RunAsUser == 0 || *ps.FSGroup == 0 ||
			ps.SeccompProfile.Type != corev1.SeccompProfileTypeRuntimeDefault {
			t.Errorf("pod's security %+v", ps)
		}
		if *cs.AllowPrivilegeEscalation || !*cs.ReadOnlyRootFilesystem || cs.Privileged != nil || cs.RunAsUser != nil ||
			cs.RunAsNonRoot != nil ||
			!slices.Equal(cs.Capabilities.Drop, []corev1.Capability{"ALL"}) || len(cs.Capabilities.Add) > 0 {
			t.Errorf("container's security %+v", cs)
		}
		if pod.AutomountServiceAccountToken == nil || *pod.AutomountServiceAccountToken ||
			pod.EnableServiceLinks == nil || *pod.EnableServiceLinks ||
			pod.HostNetwork || pod.HostPID || pod.HostIPC {
			t.Errorf("token %v, service links %v, or the node's namespaces", pod.AutomountServiceAccountToken,
				pod.EnableServiceLinks)
		}
		if len(o.accounts) != 1 || o.accounts[0].Name != pod.ServiceAccountName ||
			*o.accounts[0].AutomountServiceAccountToken {
			t.Errorf("accounts %+v, the pod's is %s", o.accounts, pod.ServiceAccountName)
		}
		for _, resource := range []corev1.ResourceName{corev1.ResourceCPU, corev1.ResourceMemory} {
			if c.Resources.Limits.Name(resource, "").IsZero() || c.Resources.Requests.Name(resource, "").IsZero() {
				t.Errorf("resources %+v", c.Resources)
			}
		}
		for _, v := range pod.Volumes {
			if v.HostPath != nil {
				t.Errorf("volume %s is the node's", v.Name)
			}
		}
	})
}

// The pod runs as the user of the image.
func TestChartUserIsTheImages(t *testing.T) {
	t.Parallel()
	for name := range composeFiles {
		if user := service(t, composeFiles[name], name).User; user != "65532:65532" {
			t.Errorf("%s: Compose runs %s", name, user)
		}
	}
	if user := imageUser(t); user != "65532:65532" {
		t.Errorf("the image runs %s", user)
	}
	if ps := render(t, "-f", valuesFile("server-sqlite")).pod().SecurityContext; *ps.RunAsUser != 65532 ||
		*ps.RunAsGroup != 65532 || *ps.FSGroup != 65532 {
		t.Errorf("the pod runs %d:%d", *ps.RunAsUser, *ps.RunAsGroup)
	}
}

// Each program is started with its arguments and probed on its port.
func TestChartRunsProgram(t *testing.T) {
	t.Parallel()
	eachValues(t, func(t *testing.T, want values, o *objects) {
		p, c := programNamed(t, want.program), o.container()
		if !slices.Equal(c.Command, []string{"/bin/" + p.name}) ||
			!slices.Equal(c.Args, slices.Concat(p.serve, want.args)) {
			t.Errorf("command %q %q", c.Command, c.Args)
		}
		if len(c.Ports) != 1 || c.Ports[0].Name != "http" || strconv.Itoa(int(c.Ports[0].ContainerPort)) != p.port {
			t.Errorf("ports %+v", c.Ports)
		}
		if ports := o.service.Spec.Ports; len(ports) != 1 || ports[0].TargetPort.String() != "http" {
			t.Errorf("service's ports %+v", ports)
		}
		pod := labels.Set(o.deployment.Spec.Template.Labels)
		if !labels.SelectorFromSet(o.service.Spec.Selector).Matches(pod) ||
			!labels.SelectorFromSet(o.deployment.Spec.Selector.MatchLabels).Matches(pod) {
			t.Errorf("selectors %v, %v, pod %v", o.service.Spec.Selector, o.deployment.Spec.Selector, pod)
		}
		if asked := probes(t, o); !maps.Equal(asked, map[string]map[string]string{
			"server":   {"startup": "/healthz", "liveness": "/healthz", "readiness": p.ready},
			"userauth": {"startup": "/openapi.json", "liveness": "/openapi.json", "readiness": p.ready},
		}[p.name]) {
			t.Errorf("probes %v", asked)
		}
		sleep := c.Lifecycle.PreStop.Sleep.Seconds
		if grace := *o.pod().TerminationGracePeriodSeconds; grace <= sleep+10 {
			t.Errorf("%d s to end, of which %d are slept and 10 may pass draining", grace, sleep)
		}
	})
}

// probes maps each probe to the path that it asks.
func probes(t *testing.T, o *objects) map[string]string {
	t.Helper()
	c, paths := o.container(), map[string]string{}
	for name, probe := range map[string]*corev1.Probe{
		"startup": c.StartupProbe, "liveness": c.LivenessProbe, "readiness": c.ReadinessProbe,
	} {
		if probe == nil || probe.HTTPGet == nil || probe.HTTPGet.Port.String() != "http" {
			t.Fatalf("%s: %+v", name, probe)
		}
		paths[name] = probe.HTTPGet.Path
	}
	return paths
}

// SQLite has a volume that outlives the release, and one process at a time. PostgreSQL has
// neither.
func TestChartStorage(t *testing.T) {
	t.Parallel()
	eachValues(t, func(t *testing.T, want values, o *objects) {
		if got := *o.deployment.Spec.Replicas; got != want.replicas {
			t.Errorf("%d replicas", got)
		}
		strategy := o.deployment.Spec.Strategy
		data := volume(t, o, "data")
		if mounted := mount(t, o, "data"); mounted.MountPath != "/data" || mounted.ReadOnly {
			t.Errorf("data at %+v", mounted)
		}
		if want.postgres {
			if len(o.claims) > 0 || data.EmptyDir == nil ||
				strategy.Type != appsv1.RollingUpdateDeploymentStrategyType {
				t.Errorf("claims %v, data %+v, strategy %s", o.claims, data, strategy.Type)
			}
		} else if len(o.claims) != 1 || data.PersistentVolumeClaim == nil ||
			data.PersistentVolumeClaim.ClaimName != o.claims[0].Name ||
			o.claims[0].Annotations["helm.sh/resource-policy"] != "keep" ||
			strategy.Type != appsv1.RecreateDeploymentStrategyType {
			t.Errorf("claims %v, data %+v, strategy %s", o.claims, data, strategy.Type)
		}
		if budget := len(o.budgets) == 1; budget != (want.replicas > 1) ||
			budget && o.budgets[0].Spec.MaxUnavailable.IntValue() != 1 {
			t.Errorf("budgets %+v for %d replicas", o.budgets, want.replicas)
		}
	})
}

func volume(t *testing.T, o *objects, name string) corev1.Volume {
	t.Helper()
	i := slices.IndexFunc(o.pod().Volumes, func(v corev1.Volume) bool { return v.Name == name })
	if i < 0 {
		t.Fatalf("there is no volume %s", name)
	}
	return o.pod().Volumes[i]
}

func mount(t *testing.T, o *objects, name string) corev1.VolumeMount {
	t.Helper()
	i := slices.IndexFunc(o.container().VolumeMounts, func(v corev1.VolumeMount) bool { return v.Name == name })
	if i < 0 {
		t.Fatalf("volume %s is mounted nowhere", name)
	}
	return o.container().VolumeMounts[i]
}

// Secrets are only in Secrets. The environment refers to them, and the chart makes those that
// nobody provides.
func TestChartSecrets(t *testing.T) {
	t.Parallel()
	credentials := regexp.MustCompile(`(?i)password|secret|token|://[^/]*@`)
	eachValues(t, func(t *testing.T, want values, o *objects) {
		if made := slices.Sorted(maps.Keys(o.secrets)); !slices.Equal(made, want.made) {
			t.Errorf("secrets %q", made)
		}
		for _, e := range o.container().Env {
			if e.Value != "" && e.Name != "HALLPASS_PASSWORD_MIN" && credentials.MatchString(e.Name+"="+e.Value) {
				t.Errorf("%s is %q", e.Name, e.Value)
			}
		}
		for _, arg := range o.container().Args {
			if credentials.MatchString(arg) {
				t.Errorf("argument %q", arg)
			}
		}
		key := volume(t, o, "key").Secret
		if key == nil || key.DefaultMode == nil || *key.DefaultMode != 0o400 || !mount(t, o, "key").ReadOnly {
			t.Errorf("key %+v", key)
		}
		if secret, made := o.secrets["acc-hallpass-key"]; made {
			text, err := base64.StdEncoding.DecodeString(string(secret.Data["hallpass.key"]))
			if err != nil || len(text) != 32 || key.SecretName != secret.Name || secret.Immutable == nil ||
				!*secret.Immutable || secret.Annotations["helm.sh/resource-policy"] != "keep" {
				t.Errorf("key of %d bytes, %v, in %+v", len(text), err, secret.ObjectMeta)
			}
		} else if key.SecretName != "accounts-key" {
			t.Errorf("key from %s", key.SecretName)
		}
		if refers := databaseSecret(t, want, o); want.postgres != (refers != "") ||
			want.postgres && refers != "accounts-db" && refers != "acc-hallpass-database" {
			t.Errorf("the database's secret is %q", refers)
		}
	})
}

// databaseSecret is the name of the Secret for the database connection, or "".
func databaseSecret(t *testing.T, want values, o *objects) string {
	t.Helper()
	for _, e := range o.container().Env {
		switch {
		case e.Name == "POSTGRES_PASSWORD" && want.program == "userauth":
			return e.ValueFrom.SecretKeyRef.Name
		case e.Name == "HALLPASS_DB_FILE" && want.program == "server":
			s, at := volume(t, o, "database").Secret, mount(t, o, "database").MountPath
			if e.Value != at+"/"+s.Items[0].Path {
				t.Errorf("%s is %s, the secret is at %s", e.Name, e.Value, at)
			}
			return s.SecretName
		}
	}
	return ""
}

// Two installations have two keys.
func TestChartKeyIsRandom(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 2 {
		o := render(t, "-f", valuesFile("server-sqlite"))
		seen[string(o.secrets["acc-hallpass-key"].Data["hallpass.key"])] = true
	}
	if len(seen) != 2 {
		t.Error("the key repeats itself")
	}
}

// No password can change the meaning of the connection.
func TestChartEscapesPassword(t *testing.T) {
	t.Parallel()
	o := render(t, "-f", valuesFile("server-everything"))
	got := o.secrets["acc-hallpass-database"].StringData["url"]
	u, err := url.Parse(got)
	if err != nil {
		t.Fatal(err)
	}
	if password, _ := u.User.Password(); password != `quote" percent% space at@ slash/ plus+` ||
		u.Host != "db.example.org:6432" || u.Path != "/accounts" || u.Query().Get("sslmode") != "verify-full" {
		t.Errorf("%s", u.Redacted())
	}
}

// The programs know every variable of theirs that the chart sets.
func TestChartVariablesAreKnown(t *testing.T) {
	t.Parallel()
	eachValues(t, func(t *testing.T, want values, o *objects) {
		p := programNamed(t, want.program)
		var names []string
		for _, e := range o.container().Env {
			names = append(names, e.Name)
		}
		knows(t, p, names)
	})
}

// Optional objects are made when they are asked for.
func TestChartOptionalObjects(t *testing.T) {
	t.Parallel()
	if o := render(t, "-f", valuesFile("server-sqlite")); len(o.ingresses)+len(o.policies) > 0 {
		t.Errorf("unasked: %v, %v", o.ingresses, o.policies)
	}
	o := render(t, "-f", valuesFile("server-everything"))
	if len(o.ingresses) != 1 || len(o.policies) != 1 {
		t.Fatalf("ingresses %v, policies %v", o.ingresses, o.policies)
	}
	in := o.ingresses[0].Spec
	backend := in.Rules[0].HTTP.Paths[0].Backend.Service
	if in.Rules[0].Host != "auth.example.org" || in.TLS[0].Hosts[0] != "auth.example.org" ||
		in.TLS[0].SecretName != "auth-tls" || backend.Name != o.service.Name ||
		backend.Port.Name != o.service.Spec.Ports[0].Name {
		t.Errorf("ingress %+v", in)
	}
	policy := o.policies[0].Spec
	if !labels.SelectorFromSet(policy.PodSelector.MatchLabels).Matches(labels.Set(o.deployment.Spec.Template.Labels)) ||
		len(policy.PolicyTypes) != 2 ||
		len(policy.Ingress) != 1 || len(policy.Ingress[0].From) != 1 ||
		policy.Ingress[0].Ports[0].Port.String() != "http" {
		t.Errorf("policy %+v", policy)
	}
	var out []string
	for _, rule := range policy.Egress {
		for _, port := range rule.Ports {
			out = append(out, port.Port.String())
		}
	}
	if !slices.Equal(out, []string{"53", "53", "6432", "587"}) {
		t.Errorf("reaches ports %q", out)
	}
}
