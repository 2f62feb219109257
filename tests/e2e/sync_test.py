"""The cluster is what git says: drift is healed, what left git is pruned, what is not ours is left alone."""
import unittest

import world
from shop_test_case import ShopTestCase


class Drift(ShopTestCase):
    def test_it_heals_what_was_changed_or_deleted_by_hand(self):
        namespace = self.shop.namespace
        self.cluster.kubectl("scale", "deployment/web", "-n", namespace, "--replicas=4")
        self.cluster.kubectl("delete", "service", "cart", "-n", namespace)
        self.cluster.kubectl("patch", "httproute", "web", "-n", namespace, "--type=merge", "-p", '{"spec": {"hostnames": ["other.test"]}}')

        def healed():
            web = self.cluster.get("deployments", "web", namespace)
            route = self.cluster.get("httproutes", "web", namespace)
            return (web["spec"]["replicas"] == 2 and self.cluster.get("services", "cart", namespace)
                    and route["spec"]["hostnames"] == [self.shop.host])

        world.wait_until(healed, 20, "the drift to be healed")
        self.shop.wait_healthy(self.first, 30)


class Prune(ShopTestCase):
    def test_it_prunes_what_left_git_and_nothing_else(self):
        namespace = self.shop.namespace
        self.cluster.kubectl("create", "configmap", "not-ours", "-n", namespace)
        self.shop.repository.write("base/extra.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: extra\ndata: {a: b}\n")
        self.shop.repository.replace("base/kustomization.yaml", r"^- route.yaml", "- route.yaml\n- extra.yaml")
        added = self.shop.push("An object more")
        self.shop.wait_healthy(added, 60)
        self.assertIsNotNone(self.cluster.get("configmaps", "extra", namespace))
        self.shop.repository.replace("base/kustomization.yaml", r"^- extra.yaml\n", "")
        removed = self.shop.push("An object less")
        world.wait_until(lambda: self.cluster.get("configmaps", "extra", namespace) is None, 30, "the object to be pruned")
        self.shop.wait_healthy(removed, 30)
        self.assertIsNotNone(self.cluster.get("configmaps", "not-ours", namespace))
        self.assertEqual(self.shop.pods("web") + self.shop.pods("cart"), self.stable_pods)


class OtherChanges(ShopTestCase):
    def test_it_applies_what_no_trial_is_about_without_a_canary(self):
        self.shop.repository.replace("overlays/prod/kustomization.yaml", r"name: web, count: 2", "name: web, count: 3")
        scaled = self.shop.push("Three of web")
        self.shop.wait_healthy(scaled, 60)
        self.assertEqual(len(self.shop.pods("web")), 3)
        self.assertEqual(self.shop.pods("web-canary"), [])
        self.assertLessEqual(set(self.stable_pods), set(self.shop.pods("web") + self.shop.pods("cart")))


if __name__ == "__main__":
    unittest.main()
