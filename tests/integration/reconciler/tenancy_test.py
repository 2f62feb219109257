"""What an Application outside headgate-system may not ask for, whatever rights its account has."""
from daemon_case import DaemonCase, config_map

WEBHOOK = {"name": "all.example.com", "sideEffects": "None", "admissionReviewVersions": ["v1"],
           "clientConfig": {"url": "https://127.0.0.1:1/"},
           "rules": [{"apiGroups": ["*"], "apiVersions": ["*"], "operations": ["*"], "resources": ["*"]}]}


class TenancyTest(DaemonCase):
    def setUp(self):
        super().setUp()
        self.other = self.namespace + "-other"
        self.apply(f"/api/v1/namespaces/{self.other}", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": self.other}})
        self.addCleanup(self.api.raw, "DELETE", f"/api/v1/namespaces/{self.other}")
        self.apply(f"/api/v1/namespaces/{self.namespace}/serviceaccounts/deployer", {
            "apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "deployer", "namespace": self.namespace}})
        self.start()

    def grant(self, role="cluster-admin"):
        path = f"/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/{self.namespace}"
        self.apply(path, {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": self.namespace},
                          "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role},
                          "subjects": [{"kind": "ServiceAccount", "name": "deployer", "namespace": self.namespace}]})
        self.addCleanup(self.api.raw, "DELETE", path)

    def tenant(self):
        return self.application(namespace=self.namespace, destination={"serviceAccount": "deployer"})

    def refused(self, path, text):
        self.eventually(lambda: text in self.summary(path), lambda: f"refused for {text}: {self.summary(path)}")
        self.assertIn("ApplyFailed", self.summary(path))

    def test_it_writes_as_its_account_and_no_more(self):
        self.repository.commit(config_map("a", key="1"))
        path = self.tenant()
        self.refused(path, f"system:serviceaccount:{self.namespace}:deployer")
        self.assertIsNone(self.live("a"))
        self.grant()
        self.wait_healthy(path)
        self.assertEqual(self.live("a")["data"], {"key": "1"})

    def test_it_writes_to_another_namespace_only_where_an_administrator_lets_it(self):
        self.grant()
        self.repository.commit(config_map("a", key="1"), config_map("b", self.other, key="1"))
        path = self.tenant()
        self.refused(path, f"kubectl annotate namespace {self.other} headgate.dev/allow={self.namespace}/{self.named('app')}")
        self.assertIsNone(self.live("a"))  # nothing of it is written
        self.assertIsNone(self.live("b", self.other))
        self.apply(f"/api/v1/namespaces/{self.other}", {
            "apiVersion": "v1", "kind": "Namespace",
            "metadata": {"name": self.other, "annotations": {"headgate.dev/allow": f"x, {self.namespace}/{self.named('app')}"}}})
        self.wait_healthy(path)
        self.assertEqual(self.live("b", self.other)["data"], {"key": "1"})

    def test_it_cannot_have_what_is_headgates_or_the_clusters(self):
        self.grant()
        path = self.tenant()
        name = self.namespace
        for wanted, text in (
                ({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
                  "metadata": {"name": "applications.headgate.dev"}, "spec": {"group": "headgate.dev"}}, "headgate install"),
                ({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "system:" + name}, "rules": []},
                 "system:"),
                ({"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration", "metadata": {"name": name},
                  "webhooks": [WEBHOOK]}, "would intercept"),
        ):
            with self.subTest(wanted["kind"]):
                self.repository.commit(config_map("a", key="1"), wanted)
                self.refused(path, text)
                self.assertIsNone(self.live("a"))
