"""The daemon as the ServiceAccount that `headgate install` makes, with no more rights than that."""
import json
import unittest

import world
from shop_test_case import GOOD, QUICK, ShopTestCase

INSTALLED = f"{world.SYSTEM}/headgate"
SECRET = """apiVersion: v1
kind: Secret
metadata:
  name: web-key
stringData:
  key: {}
"""


class InstalledRights(ShopTestCase):
    DEPLOYED = False
    ACCOUNT = INSTALLED
    STEPS = QUICK

    def test_it_carries_the_shop_with_the_rights_that_install_gives(self):
        self.shop.repository.write("base/key.yaml", SECRET.format("one"))
        self.shop.repository.replace("base/kustomization.yaml", r"^- web.yaml", "- web.yaml\n- key.yaml")
        self.shop.repository.replace("base/web.yaml", r"^        readinessProbe:",
                                     "        envFrom: [{secretRef: {name: web-key}}]\n        readinessProbe:")
        self.deploy_first()
        self.shop.repository.write("base/key.yaml", SECRET.format("two"))
        self.shop.wait_healthy(self.push_image(GOOD), 120)  # through a canary, with a copy of the Secret
        self.assertEqual(len(self.headgate.cli("history", self.shop.app).splitlines()), 3)  # headline, 2, 1
        self.assertTrue(self.cluster.list("events", world.SYSTEM))
        self.assertNotIn("forbidden", self.world.processes.log("headgate").read_text())

    def test_it_deploys_a_team_s_application_as_the_team_s_account_only(self):
        self.addCleanup(self.headgate.install)
        self.cluster.kubectl("delete", "clusterrolebinding", "headgate-deployer")
        namespace = self.shop.namespace
        self.cluster.kubectl("create", "namespace", namespace)
        self.cluster.kubectl("create", "rolebinding", "headgate-tenant", "-n", namespace, "--clusterrole=headgate-tenant",
                             f"--serviceaccount={world.SYSTEM}:headgate")
        self.cluster.kubectl("create", "serviceaccount", "deployer", "-n", namespace)
        self.shop.repository.replace("overlays/prod/kustomization.yaml", r"^- namespace.yaml\n", "")
        revision = self.shop.push("The shop, without its namespace")
        self.create_in(namespace, "deployer")

        def summary():
            found = self.cluster.get("applications", self.shop.app, namespace)
            return (found or {}).get("status", {}).get("summary", "")

        world.wait_until(lambda: "ApplyFailed" in summary() and "deployer" in summary(), 40, lambda: f"a refusal: {summary()}")
        for role in ("admin", self.canary_role()):
            self.cluster.kubectl("create", "rolebinding", role, "-n", namespace, f"--clusterrole={role}",
                                 f"--serviceaccount={namespace}:deployer")
        world.wait_until(lambda: summary() == "Healthy", 240, lambda: f"Healthy: {summary()}")
        self.assertIn(revision, self.headgate.cli("get", "-n", namespace))

    def canary_role(self):
        """What admin lacks, as docs/install.md makes it."""
        name = "headgate-e2e-canaries"
        self.addCleanup(self.cluster.kubectl, "delete", "clusterrole", name, "--ignore-not-found")
        self.cluster.kubectl("create", "clusterrole", name, "--verb=get,list,watch,create,patch,update,delete",
                             "--resource=rollouts.headgate.dev,httproutes.gateway.networking.k8s.io")
        return name

    def create_in(self, namespace, account):
        """The shop's Application and its git credentials in the team's namespace."""
        git = self.world.git
        source = {"url": self.shop.repository.url, "path": "overlays/prod", "secretRef": {"name": "git"}}
        self.cluster.kubectl("create", "secret", "generic", "git", "-n", namespace,
                             f"--from-literal=username={git.user}", f"--from-literal=password={git.password}")
        self.cluster.apply(json.dumps({
            "apiVersion": "headgate.dev/v1alpha1", "kind": "Application",
            "metadata": {"name": self.shop.app, "namespace": namespace},
            "spec": {"source": source, "destination": {"serviceAccount": account}, "sync": {"interval": "1s"}}}))


if __name__ == "__main__":
    unittest.main()
