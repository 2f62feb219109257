"""check_arrows finds what is forbidden, and lets pass what is not."""
import pathlib
import tempfile
import unittest

import check_arrows

# file, its include line, a word of the fault (None: allowed)
CASES = [
    ("core/a.cc", '#include "core/result.h"', None),
    ("core/a.cc", '#include "net/client.h"', "core/ may include nothing"),
    ("git/a.cc", '#include "net/client.h"', None),
    ("git/a.cc", '#include "templating/render.h"', "git/ may include core, net"),
    ("templating/kustomize/a.cc", '#include "net/client.h"', "templating/ may include core"),
    ("templating/kustomize/a.cc", '#include "templating/yaml/a.h"', None),
    ("deploy/plan/a.cc", '#include "net/client.h"', "deploy/ may include core"),
    ("deploy/kube/a.cc", '#include "net/client.h"', None),
    ("deploy/kube/a.cc", '#include "rollout/compose.h"', "deploy/kube/ may include"),
    ("rollout/compose.cc", '#include "deploy/plan/plan.h"', "rollout/ may include core"),
    ("rollout/metrics/a.cc", '#include "net/client.h"', None),
    ("reconciler/a.cc", '#include "rollout/decide.h"', None),
    ("reconciler/a.cc", '#include "net/client.h"', "reconciler/ may include"),
    ("rollout/decide.cc", '#include "reconciler/loop.h"', "rollout/ may include core"),
    ("cli/main.cc", '#include "reconciler/loop.h"', None),
    ("core/a.cc", '#include "../net/client.h"', "from the root"),
    ("core/a.cc", '#include "tests/support/fake.h"', "only tests"),
    ("git/a.cc", "#include <git2.h>", None),
    ("git/a.h", "  #  include <git2/sys/transport.h>", None),
    ("reconciler/a.cc", "#include <git2.h>", "only git/"),
    ("net/a.cc", "#include <curl/curl.h>", None),
    ("git/a.cc", "#include <curl/curl.h>", "only net/"),
    ("reconciler/a.cc", "#include <prometheus/registry.h>", None),
    ("rollout/metrics/a.cc", "#include <prometheus/registry.h>", "only reconciler/"),
    ("tests/unit/rollout/a.cc", '#include "deploy/plan/plan.h"', None),
    ("tests/unit/rollout/a.cc", '#include "tests/support/fake.h"', None),
    ("tests/unit/git/a.cc", "#include <git2.h>", None),
    ("tests/integration/a.cc", '#include "deploy/kube/client.h"', None),
    ("rollout/a.cc", '// #include "deploy/plan/plan.h"', None),
]


class CheckArrows(unittest.TestCase):
    def check(self, files):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for name, text in files.items():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(text)
            return check_arrows.check(root)

    def test_it_judges_each_include_by_the_folder_of_the_file(self):
        for path, line, want in CASES:
            with self.subTest(path=path, line=line):
                faults, files = self.check({path: f"// a file\n{line}\nint x;\n"})
                self.assertEqual(files, 1)
                if want is None:
                    self.assertEqual(faults, [])
                else:
                    self.assertEqual(len(faults), 1, faults)
                    self.assertIn(path, faults[0])
                    self.assertIn(want, faults[0])

    def test_it_judges_what_a_folder_links(self):
        allowed = "headgate_folder(rollout SOURCES a.cc PUBLIC headgate_core PRIVATE headgate_net)\n# headgate_deploy\n"
        self.assertEqual(self.check({"rollout/CMakeLists.txt": allowed})[0], [])
        forbidden = "headgate_folder(rollout SOURCES a.cc PUBLIC headgate_core headgate_deploy)\n"
        self.assertEqual(self.check({"rollout/CMakeLists.txt": forbidden})[0],
                         ["rollout/CMakeLists.txt: names headgate_deploy, which rollout/ must not link"])


if __name__ == "__main__":
    unittest.main()
