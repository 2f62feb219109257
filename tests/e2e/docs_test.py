"""Every command of the pages for people is run, in order, in the world that the pages ask for."""
import os
import subprocess
import sys
import unittest
import urllib.parse

import world
from shop_test_case import BINARY, STATE, ShopTestCase

RUNNER = world.ROOT / "tests" / "tools" / "run_docs.py"
PAGES_SECONDS_MAX = 280


def environment_for(of_world):
    """What somebody who reads the pages has at hand: programs, rights, an identity for git."""
    folder = of_world.state / "bin"
    folder.mkdir(exist_ok=True)
    for name, target in (("headgate", of_world.headgate.binary), ("kubectl", of_world.cluster.kubectl_path)):
        (folder / name).unlink(missing_ok=True)
        (folder / name).symlink_to(target)
    git, host = of_world.git, of_world.git.url.removeprefix("http://")
    login = f"http://{git.user}:{urllib.parse.quote(git.password, safe='')}@{host}/"
    return {
        "PATH": f"{folder}:{os.environ['PATH']}", "HOME": str(of_world.state), "KUBECONFIG": of_world.cluster.kubeconfig,
        "GIT_USER": git.user, "GIT_PASSWORD": git.password, "IMAGE": "headgate.test/demo-app:1",
        "GIT_AUTHOR_NAME": "Reader", "GIT_AUTHOR_EMAIL": "reader@example.com",
        "GIT_COMMITTER_NAME": "Reader", "GIT_COMMITTER_EMAIL": "reader@example.com",
        "GIT_CONFIG_GLOBAL": os.devnull, "GIT_TERMINAL_PROMPT": "0", "PYTHONDONTWRITEBYTECODE": "1",
        # git itself finds the password, so that pages need not show one in a URL
        "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": f"url.{login}.insteadOf", "GIT_CONFIG_VALUE_0": f"{git.url}/",
    }


def read_pages(of_world, *pages, **more):
    """What running the pages said against them; "" where all went well."""
    done = subprocess.run([sys.executable, RUNNER, *pages], env={**environment_for(of_world), **more}, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=PAGES_SECONDS_MAX)
    return "" if done.returncode == 0 else done.stdout


class Pages(unittest.TestCase):
    maxDiff = None
    def setUp(self):
        self.world = world.World(STATE / "pages", BINARY)
        self.addCleanup(self.world.stop)
        self.world.start()

    def test_it_does_what_readme_and_install_say(self):
        made = ("namespace/team-shop", "clusterrole/headgate-secrets", "clusterrolebinding/headgate-secrets", "clusterrole/headgate-canaries")
        self.addCleanup(self.world.cluster.kubectl, "delete", *made, "--ignore-not-found", "--wait=false")
        self.addCleanup(self.world.cluster.kubectl, "delete", "deployment/headgate", "service/headgate", "-n", world.SYSTEM,
                        "--ignore-not-found")
        self.assertEqual(read_pages(self.world, "README.md", "docs/install.md"), "")

    def test_it_does_what_the_first_deployment_says(self):
        url = self.world.git.create("hello")
        self.assertEqual(read_pages(self.world, "docs/first-deployment.md", GIT_URL=url), "", self.world.diagnose())


class CanaryGuide(ShopTestCase):
    def test_it_does_what_the_canary_guide_says(self):
        said = read_pages(self.world, "docs/canary-guide.md", GIT_URL=self.shop.repository.url, APP=self.shop.app,
                          NAMESPACE=self.shop.namespace)
        self.assertEqual(said, "", self.world.diagnose(self.shop))


if __name__ == "__main__":
    unittest.main()
