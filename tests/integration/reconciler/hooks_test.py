"""A git host tells of a push; nobody waits for the interval."""
import base64
import hashlib
import hmac

from daemon_case import SYSTEM, DaemonCase, config_map

TOKEN = "of the hook"


class HooksTest(DaemonCase):
    def test_a_push_that_is_told_of_is_applied_at_once(self):
        hook = self.named("hook")
        secret = f"/api/v1/namespaces/{SYSTEM}/secrets/{hook}"
        self.apply(secret, {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": hook, "namespace": SYSTEM},
                            "data": {"token": base64.b64encode(TOKEN.encode() + b"\n").decode()}})
        self.addCleanup(self.api.raw, "DELETE", secret)
        self.start()
        commit = self.repository.commit(config_map("a", key="1"))
        path = self.application(interval="1h", source={"webhook": {"secretRef": {"name": hook}}})
        self.wait_healthy(path, commit)

        commit = self.repository.commit(config_map("a", key="2"))
        body = b'{"ref": "refs/heads/main"}'
        wrong = {"X-Hub-Signature-256": "sha256=" + hmac.new(b"another", body, hashlib.sha256).hexdigest()}
        self.assertEqual(self.post(f"/hooks/{hook}", wrong, body), 403)
        self.assertEqual(self.post("/hooks/nobody", wrong, body), 403)
        self.assertEqual(self.live("a")["data"], {"key": "1"})
        right = {"X-Hub-Signature-256": "sha256=" + hmac.new(TOKEN.encode(), body, hashlib.sha256).hexdigest()}
        self.assertEqual(self.post(f"/hooks/{hook}", right, body), 202)
        self.eventually(lambda: self.live("a")["data"] == {"key": "2"}, "the push arrives")
        self.wait_healthy(path, commit)
        self.assertIn(self.post(f"/hooks/{hook}", right, b"x" * (1024 * 1024 + 1)), (413, 403))
