"""Random trees whose objects name one another, with few names and namespaces, so that references meet, miss and
collide; and a few features in each kustomization. For compare_random."""
import json
import os
import random
import re

NAMES = ["a", "b", "c", "web", "db-0"]
ODD_NAMES = ["1", "on", "1e5", "null", "a.b", "0x1"]
SPACES = ["", "", "", "default", "one", "two"]
WORKLOADS = ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob", "Pod",
             "ReplicationController", "PodTemplate"]
API = {
    "Deployment": "apps/v1", "StatefulSet": "apps/v1", "DaemonSet": "apps/v1",
    "ReplicaSet": "apps/v1", "Job": "batch/v1", "CronJob": "batch/v1", "Pod": "v1",
    "ReplicationController": "v1", "PodTemplate": "v1", "Service": "v1", "ConfigMap": "v1",
    "Secret": "v1", "ServiceAccount": "v1", "PersistentVolumeClaim": "v1", "PersistentVolume": "v1",
    "Namespace": "v1", "Ingress": "networking.k8s.io/v1",
    "HorizontalPodAutoscaler": "autoscaling/v2", "Role": "rbac.authorization.k8s.io/v1",
    "ClusterRole": "rbac.authorization.k8s.io/v1", "RoleBinding": "rbac.authorization.k8s.io/v1",
    "ClusterRoleBinding": "rbac.authorization.k8s.io/v1", "StorageClass": "storage.k8s.io/v1",
    "PriorityClass": "scheduling.k8s.io/v1", "APIService": "apiregistration.k8s.io/v1",
    "CustomResourceDefinition": "apiextensions.k8s.io/v1", "NetworkPolicy": "networking.k8s.io/v1",
    "PodDisruptionBudget": "policy/v1", "Widget": "example.com/v1",
    "ValidatingWebhookConfiguration": "admissionregistration.k8s.io/v1",
    "MutatingWebhookConfiguration": "admissionregistration.k8s.io/v1",
}
SCALED = ["Deployment", "StatefulSet", "ReplicaSet", "ReplicationController"]
CLUSTER = {"PersistentVolume", "Namespace", "ClusterRole", "ClusterRoleBinding", "StorageClass",
           "PriorityClass", "APIService", "CustomResourceDefinition",
           "ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"}


class Tree:
    """Makes the files of one tree: path to text. The thinner, the fewer features."""

    def __init__(self, seed, thin=0):
        self.random = random.Random(seed * 10 + thin)
        self.thin = thin
        self.files = {}
        self.known = []  # kind and name of the objects so far
        self.plugins = 0
        self.has_var = False
        self.odd = self.random.random() < 0.2  # names and fields that few have
        self.many = self.random.random() < 0.3  # few kinds, many of each

    # ------------------------------------------------------------------ words

    def chance(self, share):
        return self.random.random() < share

    def pick(self, items):
        return self.random.choice(items)

    def name(self):
        return self.pick(ODD_NAMES if self.odd and self.chance(0.3) else NAMES)

    def spoiled(self, value):
        """With a field of another kind than expected somewhere, now and then."""
        if not self.odd or not isinstance(value, (dict, list)) or not value:
            return value
        if self.chance(0.08):
            return self.pick([None, "text", [], {}, ["x"], {"name": "a"}, 5])
        if isinstance(value, dict):
            return {key: self.spoiled(item) for key, item in value.items()}
        return [self.spoiled(item) for item in value]

    def known_name(self, kinds, otherwise=0.05):
        """Kind and name of an object, nearly always of one that is there."""
        fits = [each for each in self.known if each[0] in kinds]
        if not fits or self.chance(otherwise):
            return self.pick(kinds), self.name()
        return self.pick(fits)

    def some(self, make, most=3, least=0):
        return [make() for _ in range(self.random.randint(least, most))]

    def scalar(self):
        return self.pick(["x", "y", 1, 0, True, "1", "true", "", "a b", None, 1.5, "on", "0x1",
                          "2001-01-01", "a: b", "line\nline\n", "$(V)", "é", -7, "1e3", "null"])

    def text(self):
        return self.pick(["x", "y", "1", "true", "", "a b", "on", "a.b-c", "line\nline\n", "$(V)"])

    def pairs(self, most=3):
        return {self.pick(["app", "tier", "a.b/c", "n", "x-y"]): self.text()
                for _ in range(self.random.randint(1, most))}

    def drop(self, mapping):
        """Without some of the entries, now and then."""
        return {key: value for key, value in mapping.items() if not self.chance(0.12)}

    # ---------------------------------------------------------------- objects

    def image(self):
        return self.pick(["nginx", "nginx:1", "reg.io:5000/a/nginx:1.2", "busybox@sha256:00ab",
                          "app:v1@sha256:00ab", "registry.io/app", "nginx-x:2"])

    def container(self):
        return self.drop({
            "name": self.name(), "image": self.image(),
            "args": [self.text() for _ in range(self.random.randint(0, 2))] + ["--x=$(V)"],
            "env": self.some(lambda: {"name": self.name(), **self.pick([
                {"value": self.text()},
                {"valueFrom": {"configMapKeyRef": {"name": self.name(), "key": "k"}}},
                {"valueFrom": {"secretKeyRef": {"name": self.name(), "key": "k"}}}])}),
            "envFrom": self.some(lambda: self.pick([
                {"configMapRef": {"name": self.name()}}, {"secretRef": {"name": self.name()}}])),
        })

    def pod(self):
        return self.drop({
            "containers": self.some(self.container, 2, 1),
            "initContainers": self.some(self.container, 1),
            "volumes": self.some(lambda: {"name": self.name(), **self.pick([
                {"configMap": {"name": self.name()}}, {"secret": {"secretName": self.name()}},
                {"persistentVolumeClaim": {"claimName": self.name()}},
                {"projected": {"sources": [{"configMap": {"name": self.name()}},
                                           {"secret": {"name": self.name()}}]}}])}),
            "serviceAccountName": self.name(), "priorityClassName": self.name(),
            "imagePullSecrets": [{"name": self.name()}],
            "affinity": {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [
                {"labelSelector": {"matchLabels": self.pairs()}, "topologyKey": "z"}]}},
            "topologySpreadConstraints": [{"labelSelector": {"matchLabels": self.pairs()}}],
        })

    def template(self):
        meta = {"labels": self.pairs()} if self.chance(0.7) else {}
        if self.chance(0.2):
            meta["annotations"] = self.pairs()
        return self.drop({"metadata": meta, "spec": self.pod()})

    def workload(self, kind):
        if kind == "Pod":
            return {"spec": self.pod()}
        if kind == "PodTemplate":
            return {"template": self.template()}
        if kind == "CronJob":
            return {"spec": {"schedule": "* * * * *",
                             "jobTemplate": {"spec": {"template": self.template()}}}}
        spec = self.drop({"replicas": self.pick([1, "2", None]), "template": self.template(),
                          "selector": {"matchLabels": self.pairs()}})
        if kind == "StatefulSet":
            spec["serviceName"] = self.name()
            spec["volumeClaimTemplates"] = self.some(lambda: {
                "metadata": {"name": self.name()}, "spec": {"storageClassName": self.name()}}, 1)
        return {"spec": spec}

    def subject(self):
        subject = {"kind": self.pick(["ServiceAccount", "ServiceAccount", "User"]),
                   "name": self.pick(NAMES + ["default"])}
        if self.chance(0.6):
            subject["namespace"] = self.pick(["one", "two", "default"])
        return subject

    def webhook(self):
        return {"name": "x.y.z", "clientConfig": {"service": {"name": self.name(), **self.drop(
            {"namespace": self.pick(["one", "default"]), "path": "/x"})}}}

    def body(self, kind):
        if kind in WORKLOADS:
            return self.workload(kind)
        if kind in ("ConfigMap", "Secret"):
            return {"data": {self.name(): self.text() for _ in range(2)}}
        if kind == "Service":
            return {"spec": {"selector": self.pairs(), "ports": [{"port": 80, "name": "http"}]}}
        if kind == "Ingress":
            return {"spec": {"tls": [{"secretName": self.name(), "hosts": ["$(V).x"]}],
                             "rules": [{"host": "a.b", "http": {"paths": [{"backend": {
                                 "service": {"name": self.name()}}}]}}]}}
        if kind == "HorizontalPodAutoscaler":
            return {"spec": {"scaleTargetRef": {"kind": self.pick(WORKLOADS),
                                                "name": self.name()}}}
        if kind in ("Role", "ClusterRole"):
            return {"rules": [{"resources": ["x"], "resourceNames": self.some(self.name, 3, 1)}]}
        if kind in ("RoleBinding", "ClusterRoleBinding"):
            role = "ClusterRole" if kind[0] == "C" else self.pick(["Role", "ClusterRole"])
            return {"roleRef": self.drop({"apiGroup": "rbac.authorization.k8s.io", "kind": role,
                                          "name": self.name()}),
                    "subjects": self.some(self.subject, 3, 1)}
        if kind == "PersistentVolumeClaim":
            return {"spec": {"volumeName": self.name(), "storageClassName": self.name()}}
        if kind == "PersistentVolume":
            return {"spec": {"storageClassName": self.name(),
                             "azureFile": {"secretName": self.name()}}}
        if kind == "StorageClass":
            return {"parameters": {"secretName": self.name()}}
        if kind == "ServiceAccount":
            return {"imagePullSecrets": [{"name": self.name()}]}
        if kind == "NetworkPolicy":
            return {"spec": {"podSelector": {"matchLabels": self.pairs()},
                             "ingress": [{"from": [{"podSelector": {"matchLabels": {}}}]}]}}
        if kind == "PodDisruptionBudget":
            return {"spec": {"selector": {"matchLabels": self.pairs()}}}
        if kind.endswith("WebhookConfiguration"):
            return {"webhooks": self.some(self.webhook, 2, 1)}
        if kind == "APIService":
            return {"spec": {"service": {"name": self.name()}}} if self.chance(0.7) else {}
        if kind == "CustomResourceDefinition":
            return {"spec": {"conversion": {"webhook": {"clientConfig": {
                "service": {"namespace": "x", "name": self.name()}}}}}}
        if kind == "Widget":
            return {"spec": {"configRef": {"name": self.name()}, "list": [self.scalar()],
                             "nested": {"containers": [{"image": self.image()}]},
                             "config": json.dumps({"a": {"b": "x"}}), "host": "a.b.c",
                             "yaml": "a:\n  b: x # why\n", "value": self.scalar()}}
        return {}

    def object(self, kinds):
        kind = self.pick(kinds)
        metadata = {"name": self.name()}
        space = self.pick(SPACES)
        if space and (kind not in CLUSTER or self.chance(0.1)):
            metadata["namespace"] = space
        if self.chance(0.4):
            metadata["labels"] = self.pairs()
        if self.chance(0.3):
            metadata["annotations"] = self.pick([self.pairs(), {}, None, {"n": 1, "x-y": "$(V)"}])
        body = self.body(kind)
        if self.odd and self.chance(0.15):
            body = self.spoiled(body)
        return {"apiVersion": API[kind], "kind": kind, "metadata": metadata,
                **(body if isinstance(body, dict) else {})}

    # ---------------------------------------------------------- kustomizations

    def selector(self, by_plain_name=False):
        fields = {}
        if self.chance(0.7):
            fields["kind"] = self.pick(["Deployment", "Widget", "ConfigMap", "Pod", "Ingress",
                                        "Deployment|StatefulSet", ".*Set", "Secret"])
        if self.chance(0.4):
            fields["name"] = self.name() if by_plain_name else self.pick(NAMES + ["a|b", "w.*", ".*"])
        if self.chance(0.15):
            fields["namespace"] = self.pick(["one", "default", "t.*"])
        if self.chance(0.1):
            fields["group"] = self.pick(["apps", "", "example.com"])
        if self.chance(0.15):
            fields["labelSelector"] = self.pick(["app", "!app", "app=x", "app in (x,y),tier"])
        if self.chance(0.1):
            fields["annotationSelector"] = self.pick(["app", "!app=x", "n"])
        return fields

    def replacement(self):
        paths = ["metadata.name", "metadata.annotations.[a.b/c]", "metadata.annotations.x",
                 "spec.value", "spec.list.0", "spec.list.*", "spec.config.a.b", "spec.yaml.a.b",
                 "spec.host", "spec.replicas", "spec.template.spec.containers.0.image",
                 "spec.template.spec.containers.[name=a].env.[name=b].value", "data.a", "data.b",
                 "spec.configRef", "metadata.labels", "spec.config.a", "spec.new.field",
                 "metadata.annotations", "spec.template.metadata.annotations", "metadata.namespace"]
        target = {"select": self.selector(), "fieldPaths": self.some(lambda: self.pick(paths), 2, 1)}
        if self.chance(0.3):
            target["reject"] = [self.selector()]
        if self.chance(0.5):
            target["options"] = self.drop({"create": self.chance(0.7),
                                           **({"delimiter": self.pick([".", ":", "/"]),
                                               "index": self.random.randint(-1, 3)}
                                              if self.chance(0.4) else {})})
        kind, name = self.known_name(["ConfigMap", "Widget", "Deployment"])
        of_kind = {"ConfigMap": ["data.a", "data.b"], "Deployment": ["spec.replicas", "spec.template"],
                   "Widget": ["spec.value", "spec.host", "spec.config", "spec.list", "spec.configRef"]}
        source = {"kind": kind, "name": name, "fieldPath": self.pick(
            of_kind[kind] + ["metadata.name"] + (["metadata.annotations"] if self.chance(0.2) else []))}
        if self.chance(0.6):
            kind, name = self.known_name(["ConfigMap", "Widget", "Deployment"])
            target["select"] = {"kind": kind, **({"name": name} if self.chance(0.5) else {})}
            target["fieldPaths"] = self.some(lambda: self.pick(of_kind[kind] + [
                "metadata.labels.x", "metadata.annotations.[a.b/c]"]), 2, 1)
            if self.chance(0.8):
                target.setdefault("options", {})["create"] = True
        if self.chance(0.3):
            source["options"] = {"delimiter": self.pick([".", "/", ":"]),
                                 "index": self.random.randint(0, 1)}
        made = {"source": source, "targets": [target]}
        if self.chance(0.3):
            del made["source"]
            made["sourceValue"] = self.text()
        return made

    def patch(self):
        kind, name = self.known_name(["Deployment", "ConfigMap", "Widget", "StatefulSet"])
        change = self.pick([
            {"metadata": {"labels": {"patched": "yes"}}},
            {"metadata": {"annotations": {"patched": "yes"}}},
            {"metadata": {"annotations": None}},
            {"metadata": {"name": "renamed"}},
            {"spec": {"replicas": 9}}, {"data": {"a": "patched"}}, {"$patch": "delete"},
            {"metadata": {"annotations": {"$patch": "replace", "only": "this"}}},
        ])
        body = {"apiVersion": API[kind], "kind": kind, **change}
        body["metadata"] = {"name": name, **change.get("metadata", {})}
        patch = {"patch": json.dumps(body)}
        if self.chance(0.6):
            patch["target"] = self.selector()
            if self.chance(0.3):
                patch["options"] = {"allowNameChange": self.chance(0.5),
                                    "allowKindChange": self.chance(0.5)}
        if self.chance(0.3):
            patch = {"target": self.selector(), "patch": json.dumps([self.pick([
                {"op": "add", "path": "/metadata/annotations/j", "value": "x"},
                {"op": "replace", "path": "/metadata/name", "value": "jpatched"},
                {"op": "add", "path": "/spec/value", "value": "j"},
                {"op": "remove", "path": "/metadata/annotations"}])])}
        return patch

    def generator(self, kind):
        target = "ConfigMap" if kind == "configMapGenerator" else "Secret"
        merges = self.chance(0.3)
        name = self.known_name([target])[1] if merges else self.pick(NAMES + ["gen", "made"])
        made = {"name": name, "literals": [f"{self.name()}={self.pick(['x', '1', 'y z'])}"]}
        if merges:
            made["behavior"] = self.pick(["merge", "replace", "merge", "create"])
        self.known.append((target, name))
        if self.chance(0.1):
            made["namespace"] = self.pick(["one", "default"])
        if self.chance(0.3):
            made["options"] = self.drop({"labels": self.pairs(), "annotations": self.pairs(),
                                         "disableNameSuffixHash": self.chance(0.5),
                                         "immutable": True})
        if kind == "secretGenerator" and self.chance(0.3):
            made["type"] = "kubernetes.io/tls"
        return made

    def plugin(self):
        kind = self.pick(["PrefixTransformer", "SuffixTransformer", "NamespaceTransformer",
                          "LabelTransformer", "AnnotationsTransformer", "ImageTagTransformer",
                          "ReplicaCountTransformer", "ValueAddTransformer"])
        self.plugins += 1
        body = {"apiVersion": "builtin", "kind": kind, "metadata": {"name": f"plugin{self.plugins}"}}
        specs = [{"path": "metadata/name"}]
        if kind == "PrefixTransformer":
            body.update({"prefix": "t-", "fieldSpecs": specs + (
                [{"path": "spec/host", "kind": "Widget"}] if self.chance(0.4) else [])})
        elif kind == "SuffixTransformer":
            body.update({"suffix": "-t", "fieldSpecs": specs})
        elif kind == "NamespaceTransformer":
            body["metadata"]["namespace"] = "plugged"
            body.update(self.drop({"unsetOnly": self.chance(0.5), "setRoleBindingSubjects": self.pick(
                ["none", "allServiceAccounts", "defaultOnly"]), "fieldSpecs": [
                    {"path": "metadata/name", "kind": "Namespace", "create": True},
                    {"path": "spec/ns", "kind": "Widget", "create": True}]}))
        elif kind in ("LabelTransformer", "AnnotationsTransformer"):
            body["labels" if kind[0] == "L" else "annotations"] = self.pairs()
            body["fieldSpecs"] = [{"path": "metadata/labels", "create": True},
                                  {"path": "spec/selector", "create": self.chance(0.5)},
                                  {"path": "spec/template/metadata/labels", "kind": "Deployment"}]
        elif kind == "ImageTagTransformer":
            body.update({"imageTag": {"name": "nginx", "newTag": "9"}, "fieldSpecs": self.pick(
                [[], [{"path": "spec/nested/containers/image"}]])})
        elif kind == "ReplicaCountTransformer":
            body.update({"replica": {"name": self.known_name(SCALED)[1], "count": 7}, "fieldSpecs": [
                {"path": "spec/replicas", "create": True, "kind": "Deployment"},
                {"path": "spec/size", "create": True, "kind": "Widget"}]})
        else:
            body.update({"value": " added ", "targets": [self.drop({
                "fieldPath": self.pick(["spec/value", "metadata/namespace", "metadata/labels/x",
                                        "spec/a/b", "metadata/name"]),
                "filePathPosition": self.random.randint(0, 3), "selector": self.selector()})]})
            if not body["targets"][0].get("fieldPath"):
                body["targets"][0]["fieldPath"] = "spec/value"
        return json.dumps(body)

    def config_file(self):
        config = {}
        if self.chance(0.5):
            config["nameReference"] = [{"kind": self.pick(["ConfigMap", "Deployment", "Secret"]),
                                        **self.pick([{}, {"version": "v1"}]),
                                        "fieldSpecs": [{"path": self.pick(
                                            ["spec/configRef/name", "spec/configRef", "spec/list",
                                             "spec/value"]), "kind": "Widget"}]}]
        if self.chance(0.3):
            config["namePrefix"] = [{"path": "spec/host", "kind": "Widget"}]
        if self.chance(0.3):
            config["commonLabels"] = [{"path": "spec/labels", "kind": "Widget",
                                       "create": self.chance(0.5)}]
        if self.chance(0.3):
            config["varReference"] = [{"path": "spec/value", "kind": "Widget"},
                                      {"path": "spec/list", "kind": "Widget"}]
        if self.chance(0.3):
            config["images"] = [{"path": "spec/value", "kind": "Widget"}]
        if self.chance(0.3):
            config["replicas"] = [{"path": "spec/size", "kind": "Widget", "create": True}]
        return config or {"namespace": [{"path": "spec/ns", "kind": "Widget", "create": True}]}

    def features(self):
        """Fields of a kustomization; each is a function, so that a tree makes only what it takes."""
        return {
            "namespace": lambda: self.pick(["one", "two", "new"]),
            "namePrefix": lambda: self.pick(["p-", "q-"]),
            "nameSuffix": lambda: self.pick(["-s", "-t"]),
            "commonLabels": self.pairs,
            "commonAnnotations": self.pairs,
            "labels": lambda: self.some(lambda: self.drop({
                "pairs": self.pairs(), "includeSelectors": self.chance(0.3),
                "includeTemplates": self.chance(0.4),
                "fields": [{"path": "spec/labels", "kind": "Widget", "create": True}]}), 2, 1),
            "images": lambda: self.some(lambda: self.drop({
                "name": self.pick(["nginx", "app", "registry.io/app", "reg.io:5000/a/nginx",
                                   "busybox", "ngin.", "nginx|app"]),
                "newName": "new.io/x", "newTag": self.pick(["2", "3"]),
                "digest": "sha256:ffff", "tagSuffix": "-z"}), 2, 1),
            "replicas": lambda: self.some(lambda: {
                "name": self.known_name(SCALED)[1], "count": self.random.randint(0, 5)}, 2, 1),
            "replacements": lambda: self.some(self.replacement, 2, 1),
            "vars": lambda: [self.var()],
            "configMapGenerator": lambda: self.some(lambda: self.generator("configMapGenerator"), 2, 1),
            "secretGenerator": lambda: self.some(lambda: self.generator("secretGenerator"), 1, 1),
            "generatorOptions": lambda: self.drop({
                "labels": self.pairs(), "disableNameSuffixHash": self.chance(0.3)}),
            "patches": lambda: self.some(self.patch, 2, 1),
            "transformers": lambda: self.some(self.plugin, 2, 1),
            "buildMetadata": lambda: [self.pick(
                ["originAnnotations", "transformerAnnotations", "managedByLabel"])],
            "sortOptions": lambda: {"order": self.pick(["legacy", "fifo"])},
        }

    def var(self):
        kind, name = self.known_name(["ConfigMap", "Deployment", "Service", "Widget"])
        made = {"name": "W" if self.has_var else "V",
                "objref": {"kind": kind, "name": name, "apiVersion": API[kind]}}
        self.has_var = True
        if self.chance(0.1):
            made["objref"]["namespace"] = "one"
        if self.chance(0.4):
            made["fieldref"] = {"fieldPath": self.pick(
                {"ConfigMap": ["data", "metadata.labels.app"], "Deployment": ["spec.replicas"],
                 "Service": ["spec.ports[0].port"], "Widget": ["spec.value", "spec.list[0]"]}[kind])}
        return made

    def write(self, path, value):
        self.files[path] = to_yaml(value, self.random)

    def kustomization(self, folder, resources, component=False):
        features = self.features()
        count = self.random.choice([[0, 1, 1, 2, 2, 3, 4], [0, 0, 1, 1, 2], [0, 0, 1]][self.thin])
        kustomization = {"resources": resources} if resources else {}
        if component:
            kustomization["apiVersion"] = "kustomize.config.k8s.io/v1alpha1"
            kustomization["kind"] = "Component"
            count = max(count, 1)
        for field in self.random.sample(sorted(features), count):
            if field == "replicas" and not any(each[0] in SCALED for each in self.known):
                continue
            if field == "vars" and self.has_var and self.chance(0.8):
                continue
            kustomization[field] = features[field]()
        if self.chance(0.15):
            self.write(f"{folder}/config.yaml", self.config_file())
            kustomization["configurations"] = ["config.yaml"]
        return kustomization

    def folder(self, folder, bases):
        kinds = self.random.sample(sorted(API), 3) if self.many else sorted(API)
        objects, seen = [], set()
        for _ in range(self.random.randint(0 if bases else 2, 8)):
            each = self.object(kinds)
            key = (each["apiVersion"], each["kind"], each["metadata"]["name"],
                   each["kind"] in CLUSTER or each["metadata"].get("namespace") or "default")
            if key not in seen and (self.chance(0.05) or key[1:3] not in self.known):
                seen.add(key)
                self.known.append(key[1:3])
                objects.append(each)
        resources = [os.path.relpath(base, folder) for base in bases]
        if objects:
            texts = [to_yaml(each, self.random) for each in objects]
            self.files[f"{folder}/all.yaml"] = "---\n".join(texts)
            resources.append("all.yaml")
        kustomization = self.kustomization(folder, resources)
        if self.chance(0.2):
            self.write(f"{folder}/component/kustomization.yaml",
                       self.kustomization(f"{folder}/component", [], True))
            kustomization["components"] = ["component"]
        self.write(f"{folder}/kustomization.yaml", kustomization)

    def make(self):
        """The folder to build."""
        bases = ["base"]
        self.folder("base", [])
        if self.chance(0.3):
            self.folder("base2", self.pick([[], ["base"]]))
            bases = self.pick([["base2"], ["base", "base2"], ["base2", "base"]])
        if self.chance(0.3):
            for each in ("left", "right"):
                self.folder(each, bases[:1])
            bases = ["left", "right"]
        self.folder("top", bases)
        return "top"


def to_yaml(value, rng, indent=""):
    """Block style, with quotes here and there."""
    if isinstance(value, dict) and value:
        lines = []
        for key, item in value.items():
            nested = to_yaml(item, rng, indent + "  ")
            start = f"{indent}{scalar_text(key, rng)}:"
            if isinstance(item, (dict, list)) and item:
                lines.append(f"{start}\n{nested}")
            else:
                lines.append(f"{start} {nested}\n")
        return "".join(lines)
    if isinstance(value, list) and value:
        lines = []
        for item in value:
            nested = to_yaml(item, rng, indent + "  ")
            if isinstance(item, (dict, list)) and item:
                lines.append(f"{indent}- {nested[len(indent) + 2:]}")
            else:
                lines.append(f"{indent}- {nested}\n")
        return "".join(lines)
    if isinstance(value, (dict, list)):
        return "{}" if isinstance(value, dict) else "[]"
    return scalar_text(value, rng)


PLAIN = re.compile(r"^[A-Za-z_][-A-Za-z0-9_./]*$")
WORDS = {"true", "false", "null", "on", "yes", "no", "off", "y", "n"}


def scalar_text(value, rng):
    if isinstance(value, str):
        if PLAIN.match(value) and value.lower() not in WORDS and rng.random() < 0.8:
            return value
        if "'" not in value and "\n" not in value and rng.random() < 0.3:
            return f"'{value}'"
        return json.dumps(value, ensure_ascii=False)
    if value is None:
        return rng.choice(["null", "~"])
    return json.dumps(value)
