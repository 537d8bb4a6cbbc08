package deploy

import (
	"io"
	"net"
	"net/url"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/hallpass-go/hallpass/store/pgstore/pgtest"
)

// The pods of the chart serve on both databases, answer their probes, and end when they are
// told to. They keep their data where the chart says.
func TestPodsServe(t *testing.T) {
	t.Parallel()
	for _, p := range programs {
		for _, database := range []string{"sqlite", "postgres"} {
			t.Run(p.name+" on "+database, func(t *testing.T) {
				t.Parallel()
				args, want := []string{"-f", valuesFile(p.name + "-" + database)}, []string{}
				var brought corev1.Secret
				if database == "postgres" {
					more, secret := connection(t, p)
					args, brought = append(args, more...), secret
				} else {
					want = append(want, p.file)
				}
				o := render(t, args...)
				o.secrets[brought.Name] = brought
				r := asContainer(t, p, o).start(t)
				for _, path := range probes(t, o) {
					r.wants(t, path)
				}
				r.end(t)
				if left := r.left(t); !slices.Equal(left, want) {
					t.Errorf("the data is %q, want %q", left, want)
				}
			})
		}
	}
}

// connection makes a database for the test: the values that say where it is, and the Secret
// that a user would make for it.
func connection(t *testing.T, p program) (args []string, secret corev1.Secret) {
	t.Helper()
	dsn := pgtest.DSN(t)
	secret.Name = "accounts-db"
	secret.StringData = map[string]string{"uri": dsn, "password": "any"}
	args = []string{"--set", "key.existingSecret="} // the chart makes one
	if p.name == "server" {
		return args, secret
	}
	v := postgresVariables(t, dsn)
	return append(args,
		"--set", "postgres.host="+v["POSTGRES_HOST"]+",postgres.port="+v["POSTGRES_PORT"], "--set", "postgres.dbname="+
			v["POSTGRES_DBNAME"],
		"--set", "postgres.username="+v["POSTGRES_USERNAME"]+",postgres.sslmode=disable",
		"--set", "extraEnv[0].name=PGOPTIONS,extraEnv[0].value="+v["PGOPTIONS"]), secret
}

// postgresVariables splits a DSN of pgtest into variables.
func postgresVariables(t *testing.T, dsn string) map[string]string {
	t.Helper()
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	return map[string]string{
		"POSTGRES_HOST": "127.0.0.1", "POSTGRES_PORT": forward(t, u),
		"POSTGRES_DBNAME": strings.TrimPrefix(u.Path, "/"), "POSTGRES_USERNAME": u.User.Username(),
		"PGOPTIONS": "-c search_path=" + u.Query().Get("search_path"),
	}
}

// forward opens a port that leads to the socket of a database.
func forward(t *testing.T, u *url.URL) (port string) {
	t.Helper()
	network, address := "tcp", u.Host
	if dir := u.Query().Get("host"); dir != "" {
		network, address = "unix", dir+"/.s.PGSQL.5432"
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ln.Close() })
	go func() {
		for {
			from, err := ln.Accept()
			if err != nil {
				return // closed when the test ends
			}
			to, err := net.Dial(network, address)
			if err != nil {
				_ = from.Close()
				continue
			}
			go func() { _, _ = io.Copy(to, from); _ = to.Close() }()
			go func() { _, _ = io.Copy(from, to); _ = from.Close() }()
		}
	}()
	_, port, err = net.SplitHostPort(ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// asContainer returns the container of the pod, with its Secrets resolved as a node does.
func asContainer(t *testing.T, p program, o *objects) container {
	t.Helper()
	kube := o.container()
	c := container{program: p, args: kube.Args, env: map[string]string{}, files: map[string]string{}}
	for _, e := range kube.Env {
		c.env[e.Name] = e.Value
		if e.ValueFrom != nil {
			c.env[e.Name] = entry(t, o, e.ValueFrom.SecretKeyRef.Name, e.ValueFrom.SecretKeyRef.Key)
		}
	}
	c.env = imageEnv(t, p.name, c.env)
	for _, m := range kube.VolumeMounts {
		v := volume(t, o, m.Name)
		if v.Secret == nil {
			c.files[m.MountPath+"/"] = ""
			continue
		}
		for _, item := range v.Secret.Items {
			c.files[m.MountPath+"/"+item.Path] = entry(t, o, v.Secret.SecretName, item.Key)
		}
	}
	return c
}

// entry returns a value of a Secret.
func entry(t *testing.T, o *objects, secret, key string) string {
	t.Helper()
	s := o.secrets[secret]
	if text, ok := s.StringData[key]; ok {
		return text
	}
	data, ok := s.Data[key]
	if !ok {
		t.Fatalf("there is no Secret %s with %s", secret, key)
	}
	return string(data)
}
