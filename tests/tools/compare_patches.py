#!/usr/bin/env python3
"""Compares `headgate build` with kustomize over random patches of objects of all kinds.

    compare_patches.py --program build/debug/cli/headgate --kustomize kustomize \\
        --schema .../kyaml@v0.21.1/openapi/kubernetesapi/v1_21_2/swagger.pb --count 1000

Each tree is made from a seed: an object as the OpenAPI schema has it, but for a few things that do
not fit, and strategic merge patches and JSON patches in a base and an overlay that touch what is
there: with directives, nulls, items without their keys, and values of other types. Both programs
must print the same bytes, or both fail. `--seed N --count 1` makes a tree again, and shows it.

Only the standard library is used.
"""
import argparse
import difflib
import json
import pathlib
import random
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / 'templating/kustomize/tables'))
import schema_tables  # noqa: E402

# Left out: what other steps of a build change or refuse.
UNUSED_METADATA = {'generateName', 'namespace', 'selfLink', 'uid', 'resourceVersion', 'clusterName',
                   'creationTimestamp', 'deletionTimestamp', 'generation'}
UNUSED_FIELDS = {'apiVersion', 'kind', 'status', 'managedFields'}
NAME_FIELDS = {'name', 'key', 'mountPath', 'ip', 'type', 'topologyKey', 'devicePath', 'uid', 'path',
               'whenUnsatisfiable'}
WIDE_FIELDS = {'spec', 'template', 'jobTemplate', 'containers', 'rules', 'webhooks'}
TEXTS = ['a', 'b', 'c', 'x', 'nginx:1', '5', 'true', 'yes', 'null', 'on', '0x1F', '1e3', '', 'a b',
         '2001-01-01', '~']


def keys_of(schema):
    if not schema:
        return []
    keys = schema.get('x-kubernetes-list-map-keys')
    key = schema.get('x-kubernetes-patch-merge-key')
    return keys or ([key] if key else [])


class Maker:
    def __init__(self, seed, definitions, kinds, odd):
        self.random = random.Random(seed)
        self.definitions, self.kinds, self.odd = definitions, kinds, odd

    def chance(self, share):
        return self.random.random() < share

    def pick(self, *items):
        return self.random.choice(items)

    def resolve(self, schema):
        while schema and '$ref' in schema:
            schema = self.definitions[schema['$ref'].removeprefix('#/definitions/')]
        return schema

    def type_of(self, schema):
        return (self.resolve(schema).get('type') or ['object'])[0]

    # ---- objects ----

    def scalar(self, kind, name=''):
        if self.chance(self.odd):
            kind = self.pick('string', 'integer', 'boolean', 'null')
        if kind == 'integer':
            return self.pick(1, 2, 3, 80, 81, 8080)
        if kind == 'number':
            return self.pick(1.5, 2, 0.1)
        if kind == 'boolean':
            return self.chance(0.5)
        if kind == 'null':
            return None
        if name in NAME_FIELDS:
            return self.pick('a', 'b', 'c', 'd')
        return self.pick('TCP', 'UDP') if name == 'protocol' else self.pick(*TEXTS)

    def value(self, schema, depth, name='', density=0.25):
        schema = self.resolve(schema)
        if self.chance(self.odd * 0.3):
            return self.pick(None, {}, [], 'odd', 7, {'k': 'v'}, ['x'])
        if self.type_of(schema) == 'array':
            return self.items(schema, depth, name, density)
        if 'properties' in schema:
            return self.fields(schema, depth, density)
        if isinstance(schema.get('additionalProperties'), dict):
            keys = self.random.sample(['a', 'b', 'c', 'app'], self.random.randint(0, 3))
            return {key: self.value(schema['additionalProperties'], depth - 1, key) for key in keys}
        if self.type_of(schema) == 'object':
            return self.pick({}, {'x': 1}, {'y': {'z': 'a'}}, {'l': [{'name': 'a'}]})
        return self.scalar(self.type_of(schema), name)

    def fields(self, schema, depth, density):
        result = {}
        for name, field in schema['properties'].items() if depth > 0 else ():
            if name in UNUSED_FIELDS:
                continue
            merged = 'merge' in field.get('x-kubernetes-patch-strategy', '')
            share = 0.85 if name in WIDE_FIELDS else density * (2 if merged else 1)
            if self.chance(share):
                result[name] = self.value(field, depth - 1, name, density * 0.8)
        return result

    def items(self, schema, depth, name, density):
        keys, seen, result = keys_of(schema), set(), []
        known = (self.resolve(schema['items']) or {}).get('properties', {})
        for _ in range(self.pick(0, 1, 1, 2, 2, 3, 4)):
            item = self.value(schema['items'], depth - 1, name, density)
            if isinstance(item, dict) and keys:
                for i, key in enumerate(keys):
                    if i > 0 and self.chance(0.4):
                        item.pop(key, None)
                    elif not self.chance(self.odd * 0.4):
                        item[key] = self.scalar(self.type_of(known.get(key, {'type': ['string']})), key)
                told = json.dumps([item.get(key) for key in keys])
                if told in seen and not self.chance(self.odd):
                    continue
                seen.add(told)
            result.append(item)
        return result

    def object(self):
        (version, kind), name = self.pick(*self.kinds)
        schema = {'$ref': '#/definitions/' + name}
        body = self.value(schema, 9, '', self.pick(0.15, 0.3))
        body = body if isinstance(body, dict) else {}
        return {'apiVersion': version, 'kind': kind, **body, 'metadata': self.metadata(body)}, schema

    @staticmethod
    def metadata(body):
        metadata = body.get('metadata')
        metadata = dict(metadata) if isinstance(metadata, dict) else {}
        for name in UNUSED_METADATA:
            metadata.pop(name, None)
        for name in ('labels', 'annotations'):
            if not isinstance(metadata.get(name, {}), dict):
                metadata.pop(name)
        metadata['name'] = 'obj'
        return metadata

    # ---- strategic merge patches ----

    def change(self, value, schema, depth=9, name=''):
        schema = self.resolve(schema)
        if self.chance(0.03):
            return None
        if isinstance(value, dict):
            return self.change_mapping(value, schema or {}, depth)
        if isinstance(value, list):
            return self.change_list(value, schema, depth, name)
        kind = 'boolean' if isinstance(value, bool) else 'integer' if isinstance(value, int) else 'string'
        return self.scalar(kind, name) if self.chance(0.8) else value

    def change_mapping(self, value, schema, depth):
        known = schema.get('properties', {})
        others = schema.get('additionalProperties')
        others = others if isinstance(others, dict) else None
        result = {}
        for name, field in value.items():
            if self.chance(0.55):
                result[name] = self.change(field, known.get(name) or others, depth - 1, name)
        new = [name for name in known if name not in UNUSED_FIELDS and name not in result]
        if new and self.chance(0.5):
            name = self.pick(*new)
            result[name] = self.value(known[name], 3, name)
        if self.chance(0.05):
            result['$patch'] = self.pick('delete', 'replace', 'merge', 'replace', 'bogus', 'merge')
        if self.chance(0.02):
            result['$retainKeys'] = ['a']
        return result

    def change_list(self, value, schema, depth, name):
        keys, result = keys_of(schema), []
        for item in value:
            if not self.chance(0.5):
                continue
            changed = self.change(item, (schema or {}).get('items'), depth - 1)
            if isinstance(item, dict) and isinstance(changed, dict):
                for i, key in enumerate(keys):
                    if key in item and not (i > 0 and self.chance(0.2)) and not self.chance(self.odd * 0.3):
                        changed[key] = item[key]
            result.append(changed)
        if schema and 'items' in schema and self.chance(0.5):
            more = self.value(schema, 4, name)
            result += more if isinstance(more, list) else []
        if self.chance(0.06):
            result.insert(0, {'$patch': self.pick('delete', 'replace', 'merge', 'replace', 'x')})
        if self.chance(0.5):
            self.random.shuffle(result)
        return result

    # ---- JSON patches ----

    def pointers(self, value, path=''):
        yield path
        entries = value.items() if isinstance(value, dict) else \
            enumerate(value) if isinstance(value, list) else ()
        for key, item in entries:
            yield from self.pointers(item, f"{path}/{str(key).replace('~', '~0').replace('/', '~1')}")

    def json_value(self, depth=3):
        share = self.random.random()
        if share < 0.25 and depth:
            return {self.pick('a', 'b', 'name', 'x/y', 'on'): self.json_value(depth - 1) for _ in range(2)}
        if share < 0.45 and depth:
            return [self.json_value(depth - 1) for _ in range(self.random.randint(0, 3))]
        return self.pick(None, True, 1, 80, 1000000, 1.5, 1.0, 12345678901234567890, 'a', '<b>&',
                         'multi\nline', 'é', 'x: y', ' lead', *TEXTS)

    def operations(self, body):
        kept = {'', '/apiVersion', '/kind', '/metadata', '/metadata/name'}
        paths = [path for path in self.pointers(body) if path not in kept] or ['/x']

        def path():
            found = self.pick(*paths)
            if self.chance(0.1):
                return found + '/' + self.pick('new', '-', '0', '-1', '1', 'a~1b')
            if self.chance(0.1):
                return found.rsplit('/', 1)[0] + '/' + self.pick('new', '-', '0', '-1', '-2', '99')
            return '/metadata/annotations/a' if self.chance(0.05) else found

        result = []
        for _ in range(self.pick(1, 1, 2, 3)):
            operation = {'op': self.pick('add', 'add', 'replace', 'remove', 'copy', 'move', 'test'),
                         'path': path()}
            if operation['op'] in ('copy', 'move'):
                operation['from'] = path()
            elif operation['op'] != 'remove':
                operation['value'] = self.json_value()
            result.append(operation)
        return result

    # ---- trees ----

    def tree(self):
        body, schema = self.object()
        files = {'base/object.yaml': dump(body, self.random)}
        patches = {'base/': [], '': []}
        for i in range(self.pick(1, 1, 2, 3)):
            folder, name = self.pick('base/', ''), f'patch{i}.yaml'
            target = self.chance(0.4)
            if self.chance(0.6):
                fields = {key: value for key, value in body.items() if key not in UNUSED_FIELDS}
                patch = self.change_mapping(fields, self.resolve(schema), 9)
                files[folder + name] = dump({'apiVersion': body['apiVersion'], 'kind': body['kind'],
                                             **patch, 'metadata': self.metadata(patch)}, self.random)
            else:
                target = True
                operations = self.operations(body)
                files[folder + name] = json.dumps(operations, ensure_ascii=False) \
                    if self.chance(0.5) else dump(operations, self.random).lstrip('\n')
            patches[folder].append({'path': name, **({'target': {'kind': body['kind']}} if target else {})})
        for folder, resource in (('base/', 'object.yaml'), ('', 'base')):
            kustomization = {'resources': [resource]}
            if patches[folder]:
                kustomization['patches'] = patches[folder]
            if self.chance(0.2):
                kustomization['nameSuffix'] = '-s'
            files[folder + 'kustomization.yaml'] = json.dumps(kustomization)
        return files


def dump(value, rng, indent=0):
    """YAML in blocks, in many styles."""
    pad = '  ' * indent
    if isinstance(value, dict):
        lines = [pad + dump_key(key) + ':' + dump(item, rng, indent + 1) for key, item in value.items()]
        return ('\n' if indent else '') + ''.join(lines) if lines else ' {}\n'
    if isinstance(value, list):
        if not value:
            return ' []\n'
        out = '\n'
        for item in value:
            block = dump(item, rng, indent + 1)
            if isinstance(item, dict) and item:
                block = ' ' + block.lstrip()
            out += pad + '-' + block
        return out
    text = dump_scalar(value, rng)
    return (' ' + text if text else '') + '\n'


def is_plain(text):
    return re.fullmatch(r'[A-Za-z][A-Za-z0-9_./-]*(:[A-Za-z0-9._-]+)?', text) and \
        text.lower() not in {'y', 'n', 'yes', 'no', 'on', 'off', 'true', 'false', 'null'}


def dump_key(key):
    return key if is_plain(key) or key.startswith('$') else json.dumps(key)


def dump_scalar(value, rng):
    if value is None:
        return rng.choice(['null', 'null', '~', ''])
    if not isinstance(value, str):
        return json.dumps(value)
    if is_plain(value) and rng.random() < 0.8 or value in ('yes', 'on') and rng.random() < 0.5:
        return value
    if '\n' in value or rng.random() < 0.5:
        return json.dumps(value)
    return "'" + value.replace("'", "''") + "'"


def run(program, folder):
    done = subprocess.run([program, 'build', folder], capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout, done.stderr


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--program', required=True)
    parser.add_argument('--kustomize', required=True)
    parser.add_argument('--schema', required=True)
    parser.add_argument('--seed', type=int, default=0)
    parser.add_argument('--count', type=int, default=100)
    parser.add_argument('--odd', type=float, default=0.03, help='share of what does not fit the schema')
    args = parser.parse_args()

    definitions, _ = schema_tables.read_document(pathlib.Path(args.schema).read_bytes())
    kinds = [(schema_tables.type_key(kind), name) for name, schema in sorted(definitions.items())
             for kind in schema.get('x-kubernetes-group-version-kind', [])
             if not kind['kind'].endswith(('List', 'Options', 'WatchEvent'))]
    printed = failed = differ = 0
    for seed in range(args.seed, args.seed + args.count):
        files = Maker(seed, definitions, kinds, args.odd).tree()
        with tempfile.TemporaryDirectory() as folder:
            for name, text in files.items():
                path = pathlib.Path(folder, name)
                path.parent.mkdir(exist_ok=True)
                path.write_text(text)
            theirs, ours = run(args.kustomize, folder), run(args.program, folder)
        if theirs[0] != 0 and ours[0] > 0:
            failed += 1
        elif theirs[:2] == ours[:2]:
            printed += 1
        else:
            differ += 1
            print(f'seed {seed} differs')
            if args.count == 1:
                print(*(f'# {name}\n{text}' for name, text in files.items()), sep='\n')
                print(theirs[2], ours[2], sep='\n')
                print(*difflib.unified_diff(theirs[1].split('\n'), ours[1].split('\n'), lineterm=''), sep='\n')
    print(f'{printed} printed the same, {failed} failed in both, {differ} differ')
    return 1 if differ else 0


if __name__ == '__main__':
    sys.exit(main())
