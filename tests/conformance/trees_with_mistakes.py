"""Random trees of kustomizations with all fields, a third of them with mistakes; for compare_random."""
import random

NAMES = ["web", "api", "db", "cache", "web-v2"]
NAMESPACES = ["", "", "", "shop", "default", "ops"]
TEXTS = ["a", "b c", "1", "true", "yes", "null", "~", "0x1f", "1.5", "", "a: b", "#x", "'q'", "\"dq\"", "é", "x\ny\n", "on", "1e3", "- a"]


def quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


class Tree:
    """One random tree: files by path, built in `top`."""

    def __init__(self, seed):
        self.r = random.Random(seed)
        self.files = {}
        self.risky = self.r.random() < 0.3  # mistakes may be anywhere
        self.made = []  # (apiVersion, kind, name, namespace) of all resources
        self.bases = self.r.randint(0, 2)
        for i in range(self.bases):
            self.directory(f"base{i}", [])
        self.component = self.r.random() < 0.25
        if self.component:
            self.directory("component", [], component=True)
        others = [f"../base{i}" for i in range(self.bases)]
        self.directory("top", others)
        if self.risky and self.r.random() < 0.6:
            self.damage()

    def chance(self, p):
        return self.r.random() < p

    def pick(self, items):
        return self.r.choice(items)

    def risk(self, safe, risky):
        """One of `safe`, or in trees with mistakes perhaps one of `risky`."""
        return self.pick(risky) if self.risky and self.chance(0.25) else self.pick(safe)

    def scalar(self):
        return quoted(self.pick(TEXTS)) if not self.risky or self.chance(0.9) else self.pick(["1", "true", "~", "on", "", "1.5", "é", "x y"])

    def new_name(self, api_version, kind, names):
        """A name that is free; of trees with mistakes any."""
        namespace = self.pick(NAMESPACES)
        for name in self.r.sample(names, len(names)) + [f"n{len(self.made)}"]:
            taken = any(m[1] == kind and m[2] == name and (m[3] or "default") == (namespace or "default") for m in self.made)
            if not taken or self.risky and self.chance(0.1):
                self.made.append((api_version, kind, name, namespace))
                return name, namespace

    def known(self, kinds):
        """A resource that is there, of one of the kinds."""
        known = [m for m in self.made if m[1] in kinds]
        if known and not (self.risky and self.chance(0.2)):
            return self.pick(known)
        return self.pick([("apps/v1", "Deployment"), ("v1", "ConfigMap")]) + (self.pick(NAMES), "") if self.risky else None

    def labels(self, indent, most=2):
        keys = self.r.sample(["app", "env", "tier", "team", "a.b/c"], self.r.randint(1, most))
        return "".join(f"{' ' * indent}{k}: {self.scalar()}\n" for k in keys)

    def metadata(self, api_version, kind, names=NAMES):
        name, namespace = self.new_name(api_version, kind, names)
        text = f"metadata:\n  name: {name}\n"
        if namespace:
            text += f"  namespace: {namespace}\n"
        if self.chance(0.4):
            text += "  labels:\n" + self.labels(4)
        if self.chance(0.3):
            text += "  annotations:\n" + self.labels(4)
        if self.chance(0.04):
            text += '  annotations: {config.kubernetes.io/local-config: "true"}\n' if "annotations" not in text else ""
        return text

    def containers(self, indent):
        pad = " " * indent
        text = f"{pad}containers:\n"
        for name in self.r.sample(["main", "side", "log"], self.r.randint(1, 2)):
            image = self.pick(["nginx", "nginx:1.0", "reg.io:5000/a/b:2", "busybox@sha256:abc", "nginx:latest"])
            text += f"{pad}- name: {name}\n{pad}  image: {image}\n"
            if self.chance(0.4):
                text += f"{pad}  env:\n{pad}  - name: K\n{pad}    value: {self.scalar()}\n"
            if self.chance(0.3):
                text += f"{pad}  envFrom:\n{pad}  - configMapRef: {{name: {self.pick(['cm', 'cm2'])}}}\n"
            if self.chance(0.3):
                text += f"{pad}  ports: [{{containerPort: 80, name: http}}]\n"
            if self.chance(0.1):
                text += f"{pad}  args: [\"$(VAR)\", x]\n"
        if self.chance(0.3):
            text += f"{pad}volumes:\n{pad}- name: v\n{pad}  secret: {{secretName: {self.pick(['sec', 'sec2'])}}}\n"
        if self.chance(0.2):
            text += f"{pad}serviceAccountName: {self.pick(NAMES)}\n"
        return text

    def resource(self, kind=None):
        kind = kind or self.pick(["Deployment", "Deployment", "StatefulSet", "Service", "ConfigMap", "Secret", "CronJob", "Namespace",
                                  "ServiceAccount", "RoleBinding", "ClusterRoleBinding", "Ingress", "Widget", "List"])
        if kind == "List":
            items = [self.resource(self.pick(["Service", "ConfigMap", "Widget"])) for _ in range(self.r.randint(0, 2))]
            text = f"apiVersion: v1\nkind: {self.pick(['List', 'ConfigMapList'])}\nitems:" + ("\n" if items else " []\n")
            for item in items:
                text += "- " + item.rstrip("\n").replace("\n", "\n  ") + "\n"
            return text
        version = {"Deployment": "apps/v1", "StatefulSet": "apps/v1", "CronJob": "batch/v1", "Ingress": "networking.k8s.io/v1",
                   "RoleBinding": "rbac.authorization.k8s.io/v1", "ClusterRoleBinding": "rbac.authorization.k8s.io/v1",
                   "Widget": "example.com/v1"}.get(kind, "v1")
        names = {"ConfigMap": ["cm", "cm2"], "Secret": ["sec", "sec2"]}.get(kind, NAMES)
        text = f"apiVersion: {version}\nkind: {kind}\n" + self.metadata(version, kind, names)
        if kind in ("Deployment", "StatefulSet"):
            text += "spec:\n"
            if self.chance(0.5):
                text += f"  replicas: {self.r.randint(0, 5)}\n"
            if self.chance(0.6):
                text += "  selector:\n    matchLabels:\n" + self.labels(6, 1)
            text += "  template:\n"
            if self.chance(0.6):
                text += "    metadata:\n      labels:\n" + self.labels(8, 1)
            text += "    spec:\n" + self.containers(6)
        elif kind == "CronJob":
            text += "spec:\n  jobTemplate:\n    spec:\n      template:\n        spec:\n" + self.containers(10)
        elif kind == "Service":
            text += "spec:\n  selector:\n" + self.labels(4, 1)
        elif kind == "ConfigMap":
            text += f"data:\n  k: {self.scalar()}\n"
        elif kind == "Secret":
            text += "stringData:\n  k: v\n"
        elif kind in ("RoleBinding", "ClusterRoleBinding"):
            text += (f"roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: {self.pick(NAMES)}}}\n"
                     f"subjects:\n- kind: ServiceAccount\n  name: {self.pick(NAMES + ['default'])}\n"
                     f"  namespace: {self.pick(['shop', 'default', 'ops'])}\n")
        elif kind == "Ingress":
            text += f"spec:\n  rules:\n  - http:\n      paths:\n      - backend: {{service: {{name: {self.pick(NAMES)}, port: {{number: 80}}}}}}\n"
        elif kind == "Widget":
            text += f"spec:\n  size: {self.r.randint(0, 9)}\n  list: [a, b]\n  text: {self.scalar()}\n"
        return text

    def target(self):
        fields = []
        if self.chance(0.6):
            fields.append(f"kind: {self.pick(['Deployment', 'ConfigMap', 'Service', '.*Set', 'Widget', 'Deploy'])}")
        if self.chance(0.5):
            fields.append(f"name: {self.pick(NAMES + ['web.*', '.*', 'cm', 'w'])}")
        if self.chance(0.2):
            fields.append(f"labelSelector: {quoted(self.risk(['app', 'app=a', 'app!=a', 'env in (a,1)', '!env'], ['a,,b']))}")
        if self.chance(0.15):
            fields.append(f"namespace: {self.pick(['shop', 'default'])}")
        return "{" + ", ".join(fields) + "}"

    def strategic(self):
        known = self.known(["Deployment", "ConfigMap", "Service", "Widget"])
        if not known:
            return None
        version, kind, name, namespace = known
        text = f"apiVersion: {version}\nkind: {kind}\nmetadata:\n  name: {name}\n"
        if namespace:
            text += f"  namespace: {namespace}\n"
        if self.chance(0.25):
            text += "  annotations:\n" + self.labels(4)
        elif self.chance(0.1):
            text += "  annotations: null\n"
        if self.chance(0.1):
            return text + "$patch: delete\n"
        if kind == "Deployment":
            text += f"spec:\n  replicas: {self.r.randint(1, 9)}\n"
            if self.chance(0.5):
                text += "  template:\n    spec:\n" + self.containers(6)
        elif kind == "ConfigMap":
            text += f"data:\n  {self.pick(['k', 'n'])}: {self.pick([self.scalar(), 'null'])}\n"
        elif kind == "Widget":
            text += f"spec:\n  list: [c]\n  size: {self.pick(['null', '7'])}\n"
        return text

    def json_patch(self):
        ops = []
        for _ in range(self.r.randint(1, 2)):
            path = self.risk(["/metadata/annotations/x", "/spec/replicas", "/data/k", "/x"],
                             ["/metadata/labels/app", "/spec/template/spec/containers/0/image", "/spec/list/-", "/metadata/name"])
            op = self.risk(["add"] if path.count("/") != 2 or path == "/metadata/name" else ["add", "replace"], ["replace", "remove", "test"])
            value = "" if op == "remove" else f', "value": {self.pick(["1", quoted("v"), "null", "[1]"])}'
            ops.append(f'{{"op": "{op}", "path": "{path}"{value}}}')
        return "[" + ", ".join(ops) + "]"

    def patched(self):
        """A target for JSON patches: what they touch is there."""
        known = self.known(["Deployment", "ConfigMap"])
        return f"{{kind: {known[1]}, name: {known[2]}}}" if known else "{kind: Nothing}"

    def inline(self, text, indent):
        pad = " " * indent
        return "|-\n" + "".join(f"{pad}{line}\n" for line in text.rstrip("\n").split("\n"))

    def generator(self, kind, d, i):
        whole = "ConfigMap" if kind == "c" else "Secret"
        there = [m for m in self.made if m[1] == whole]
        behavior = namespace = ""
        if there and self.chance(0.5):
            _, _, name, namespace = self.pick(there)
            behavior = self.risk(["merge", "replace"], ["create", "other", ""])
        else:
            name = self.risk([f"g{len(self.made)}"], ["cm", "sec"])
            behavior = self.risk(["", "", "create"], ["merge", "replace"])
            self.made.append(("v1", whole, name, ""))
        text = f"- name: {name}\n"
        text += f"  namespace: {namespace}\n" if namespace else ""
        text += f"  behavior: {behavior}\n" if behavior else ""
        if self.chance(0.6):
            keys = self.r.sample(["a", "b", "k", "x.y"], self.r.randint(1, 2)) + (["1"] if self.risky and self.chance(0.1) else [])
            pairs = [f"{key}={self.pick(TEXTS)}" for key in keys]
            text += "  literals: [" + ", ".join(quoted(p) for p in pairs) + "]\n"
        if self.chance(0.4):
            self.files[f"{d}/f{i}{kind}.txt"] = self.pick(["text\n", "a\r\nb", "\ufeffbom", "é\n" * 3, "\x00\x01", "x" * 100])
            text += f"  files: [{self.pick(['', 'key='])}f{i}{kind}.txt]\n"
        if self.chance(0.3):
            self.files[f"{d}/e{i}{kind}.env"] = self.risk(["A=1\n# c\n\n B=2 \nC\n", "\ufeffA=x\r\nB='q'\r\n", "=x\nK==y\n"], ["A=1\nA=2\n"])
            text += f"  {self.pick(['envs: [', 'env: '])}e{i}{kind}.env\n"
            text = text.replace("envs: [" + f"e{i}{kind}.env", f"envs: [e{i}{kind}.env]")
        if kind == "s" and self.chance(0.3):
            text += "  type: kubernetes.io/tls\n"
        if self.chance(0.3):
            text += "  options:\n"
            text += self.pick(["    disableNameSuffixHash: true\n", "    immutable: true\n", "    labels:\n" + self.labels(6),
                               "    annotations:\n" + self.labels(6)])
        return text

    def plugin(self):
        specs = "fieldSpecs:\n- path: metadata/name\n"
        labels = "fieldSpecs:\n- {path: metadata/labels, create: true}\n"
        return self.risk([
            "apiVersion: builtin\nkind: PrefixTransformer\nmetadata: {name: p}\nprefix: tp-\n" + specs,
            "apiVersion: builtin\nkind: SuffixTransformer\nmetadata: {name: p}\nsuffix: -ts\n" + (specs if not self.risky else ""),
            "apiVersion: builtin\nkind: LabelTransformer\nmetadata: {name: p}\nlabels:\n" + self.labels(2) + labels,
            "apiVersion: builtin\nkind: AnnotationsTransformer\nmetadata: {name: p}\nannotations:\n" + self.labels(2) +
            "fieldSpecs:\n- {path: metadata/annotations, create: true}\n",
            "apiVersion: builtin\nkind: NamespaceTransformer\nmetadata: {name: p, namespace: plug}\n"
            f"unsetOnly: {self.pick(['true', 'false'])}\nfieldSpecs:\n- {{path: metadata/namespace, create: true}}\n",
            "apiVersion: builtin\nkind: ImageTagTransformer\nmetadata: {name: p}\nimageTag: {name: nginx, newTag: plug}\n"
            "fieldSpecs:\n- path: spec/template/spec/containers[]/image\n",
            "apiVersion: builtin\nkind: PatchTransformer\nmetadata: {name: p}\npatch: '" + self.json_patch() + "'\n"
            f"target: {self.patched()}\n",
            "apiVersion: builtin\nkind: ReplicaCountTransformer\nmetadata: {name: p}\nreplica: {name: web, count: 9}\n"
            "fieldSpecs:\n- {path: spec/replicas, create: true, kind: Deployment}\n" if self.risky else
            "apiVersion: builtin\nkind: HashTransformer\nmetadata: {name: p}\n",
            "apiVersion: builtin\nkind: ValueAddTransformer\nmetadata: {name: p}\nvalue: added\n"
            "targets:\n- {selector: {kind: Deployment}, fieldPath: metadata/labels/added}\n",
        ], ["apiVersion: example.com/v1\nkind: Other\nmetadata: {name: p}\n"])

    def replacement(self):
        known = self.known(["Deployment", "Service", "ConfigMap"])
        if not known:
            return None
        _, kind, name, namespace = known
        where = f", namespace: {namespace}" if namespace else ""
        path = self.risk(["", ", fieldPath: metadata.name"], [", fieldPath: data.k", ", fieldPath: spec.replicas"])
        return (f"- source: {{kind: {kind}, name: {name}{where}{path}}}\n"
                f"  targets:\n  - select: {{kind: {self.pick(['Deployment', 'ConfigMap', 'Widget'])}}}\n"
                f"    fieldPaths: [{self.pick(['metadata.annotations.r', 'data.k', 'spec.size', 'spec.template.spec.containers.[name=main].image'])}]\n"
                f"    options: {{create: {self.risk(['true'], ['false'])}}}\n")

    def images(self):
        images = ["- {name: nginx, newTag: '2'}\n", "- {name: nginx, newName: apache, digest: 'sha256:1'}\n", "- {name: reg.io:5000/a/b, tagSuffix: -x}\n"]
        return "images:\n" + self.risk(images, ["- {name: busybox, newTag: 1.0}\n"])

    def replicas(self):
        known = self.known(["Deployment", "StatefulSet"])
        return known and f"replicas: [{{name: {known[2]}, count: {self.risk(['3', '3.0', '0x3'], [quoted('3')])}}}]\n"

    def patch(self, options):
        text = self.strategic()
        return text and "patches:\n- patch: " + self.inline(text, 4) + options

    def patch_at(self):
        text = self.strategic()
        return text and "patches:\n- target: " + self.target() + "\n  patch: " + self.inline(text, 4)

    def fields(self, d, component):
        r = []
        def add(p, text):
            made = text() if self.chance(p) else None
            if made:
                r.append(made)

        add(0.3, lambda: f"namePrefix: {self.pick(['p-', quoted(''), 'x', '1-'])}\n")
        add(0.2, lambda: "nameSuffix: -s\n")
        add(0.2, lambda: f"namespace: {self.pick(['shop', 'prod', 'default'])}\n")
        add(0.15, lambda: "commonLabels:\n" + self.labels(2))
        add(0.15, lambda: "commonAnnotations:\n" + self.labels(2))
        add(0.25, lambda: "labels:\n- pairs:\n" + self.labels(4) + self.pick(
            ["", "  includeSelectors: true\n", "  includeTemplates: true\n", "  fields: [{path: spec/extra, create: true, kind: Widget}]\n"]))
        add(0.25, self.images)
        add(0.15, self.replicas)
        add(0.3, lambda: "configMapGenerator:\n" + "".join(self.generator("c", d, i) for i in range(self.r.randint(1, 2))))
        add(0.2, lambda: "secretGenerator:\n" + self.generator("s", d, 0))
        add(0.15, lambda: "generatorOptions:\n" + self.pick(["  disableNameSuffixHash: true\n", "  labels:\n" + self.labels(4), "  immutable: true\n"]))
        add(0.2, self.patch_at)
        add(0.2, lambda: self.patch(self.pick(["", "  options: {allowNameChange: true}\n"])))
        add(0.2, lambda: f"patches:\n- target: {self.patched()}\n  patch: '{self.json_patch()}'\n")
        add(0.1, lambda: (text := self.strategic()) and "patchesStrategicMerge:\n- " + self.inline(text, 2))
        add(0.08, lambda: f"patchesJson6902:\n- target: {self.patched()}\n  patch: '{self.json_patch()}'\n".replace("{kind: Nothing}", "{name: no}"))
        add(0.12, lambda: (text := self.replacement()) and "replacements:\n" + text)
        add(0.06, lambda: (m := self.known(["Service"])) and
            f"vars:\n- name: VAR\n  objref: {{apiVersion: v1, kind: Service, name: {m[2]}, namespace: {quoted(m[3])}}}\n")
        add(0.12, lambda: "buildMetadata: [" + ", ".join(self.r.sample(["originAnnotations", "transformerAnnotations", "managedByLabel"],
                                                                        self.r.randint(1, 2))) + "]\n")
        add(0.08, lambda: "sortOptions: " + self.risk(
            ["{order: fifo}", "{order: legacy}", "{order: legacy, legacySortOptions: {orderFirst: [Service], orderLast: [Namespace]}}"],
            ["{order: other}"]) + "\n")
        add(0.15, lambda: "transformers:\n- " + self.inline(self.plugin(), 2))
        if self.risky:
            add(0.05, lambda: "validators:\n- " + self.inline(self.plugin(), 2))
        add(0.06, lambda: "generators:\n- " + self.inline(self.risk(
            ["apiVersion: builtin\nkind: ConfigMapGenerator\nmetadata: {name: gen}\nliterals: [a=b]\n",
             "apiVersion: builtin\nkind: SecretGenerator\nmetadata: {name: gen}\nname: gs\nliterals: [a=b]\ntype: x\n"],
            ["apiVersion: builtin\nkind: LabelTransformer\nmetadata: {name: gen}\n"]), 2))
        if not component and self.chance(0.3) and "component/kustomization.yaml" in self.files:
            r.append("components: [../component]\n")
        return r

    def directory(self, d, others, component=False):
        paths = list(others)
        for i in range(self.r.randint(0 if others or component else 1, 3)):
            documents = [self.resource() for _ in range(self.r.randint(1, 3))]
            self.files[f"{d}/r{i}.yaml"] = self.pick(["---\n", "---\n# c\n"]).join(documents) + self.pick(["", "", "---\n"])
            paths.append(f"r{i}.yaml")
        self.r.shuffle(paths)
        seen, fields = set(), []
        for field in self.fields(d, component):
            name = field.split(":")[0]
            if name not in seen:
                fields.append(field)
                seen.add(name)
        if component:
            fields.insert(0, "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n")
        if paths:
            fields.append("resources:\n" + "".join(f"- {p}\n" for p in paths))
        self.files[f"{d}/kustomization.yaml"] = "".join(fields)

    def damage(self):
        """A mistake somewhere in a kustomization."""
        path = self.pick([p for p in self.files if p.endswith("kustomization.yaml")])
        text = self.files[path]
        lines = text.split("\n")
        at = self.r.randrange(len(lines))
        kind = self.r.randrange(7)
        if kind == 0:
            del lines[at]
        elif kind == 1:
            lines.insert(at, lines[at])
        elif kind == 2:
            lines[at] = lines[at].replace(":", ": [", 1)
        elif kind == 3:
            lines[at] = lines[at].upper() if self.chance(0.5) else lines[at].title()
        elif kind == 4:
            lines.insert(0, self.pick(["unknown: 1", "bases: []", "resources: null", "namePrefix: 5", "metadata: {name: x}", "kind: Other",
                                       "commonLabels: {a: 1}", "crds: []", "openapi: {version: v1.21.2}", "openapi: {version: v9}"]))
        elif kind == 5:
            lines[at] = lines[at].replace("yaml", "yml").replace("name", "nam")
        else:
            lines[at] = lines[at] + self.pick([" # comment", "  ", "\t", " x"])
        self.files[path] = "\n".join(lines)
