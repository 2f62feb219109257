#!/usr/bin/env python3
"""Writes ../schema_tables.cc: what strategic merge and scopes need of the Kubernetes OpenAPI schema.

    schema_tables.py SWAGGER_PB KUSTOMIZATION_JSON > ../schema_tables.cc

SWAGGER_PB is openapi/kubernetesapi/v1_21_2/swagger.pb and KUSTOMIZATION_JSON is
openapi/kustomizationapi/swagger.json of the Go module sigs.k8s.io/kustomize/kyaml v0.21.1 (Apache-2.0),
which is the one that kustomize 5.8.1 is built with. The first is a protocol buffer of gnostic's
openapi.v2.Document; the few messages of it that matter are read below by their field numbers.
"""
import json
import struct
import sys

# ---- protocol buffers ----


def fields(data):
    """(number, value) for each field of a message; nested messages and texts as bytes."""
    at = 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7

    while at < len(data):
        key = varint()
        kind = key & 7
        if kind == 0:
            yield key >> 3, varint()
        elif kind == 1:
            yield key >> 3, struct.unpack('<d', data[at:at + 8])[0]
            at += 8
        elif kind == 2:
            size = varint()
            yield key >> 3, data[at:at + size]
            at += size
        else:
            raise ValueError(f'wire type {kind}')


def named(data):
    """A message of a name (1) and a value (2)."""
    found = dict(fields(data))
    return found[1].decode(), found.get(2, b'')


def parse_yaml_flat(text):
    """Extensions are YAML of a few flat shapes: a text, a list of texts, mappings of texts."""
    lines = [line for line in text.split('\n') if line.strip()]
    if len(lines) == 1 and not lines[0].startswith('- ') and ': ' not in lines[0]:
        return unquote(lines[0])
    items, mapping = [], None
    for line in lines:
        if line.startswith('- '):
            body = line[2:]
            if ': ' not in body:
                items.append(unquote(body))
                continue
            mapping = {}
            items.append(mapping)
        else:
            body = line.strip()
            if mapping is None:
                mapping = {}
        key, value = body.split(': ', 1)
        mapping[key] = unquote(value)
    return items if items else mapping


def unquote(text):
    text = text.strip()
    return text[1:-1] if text[:1] in '"\'' else text


WANTED = ('x-kubernetes-group-version-kind', 'x-kubernetes-patch-strategy',
          'x-kubernetes-patch-merge-key', 'x-kubernetes-list-map-keys')


def extensions(messages):
    result = {}
    for message in messages:
        name, value = named(message)
        if name in WANTED:
            result[name] = parse_yaml_flat(dict(fields(value))[2].decode())
    return result


def read_schema(data):
    """A gnostic Schema as the JSON schema that it was made of."""
    schema, vendor = {}, []
    for number, value in fields(data):
        if number == 1:
            schema['$ref'] = value.decode()
        elif number == 21:
            inner = dict(fields(value))
            if 1 in inner:
                schema['additionalProperties'] = read_schema(inner[1])
        elif number == 22:
            schema['type'] = [text.decode() for _, text in fields(value)]
        elif number == 23:
            schema['items'] = read_schema(next(fields(value))[1])
        elif number == 25:
            schema['properties'] = dict(
                (name, read_schema(inner)) for name, inner in map(named, (v for _, v in fields(value))))
        elif number == 31:
            vendor.append(value)
    schema.update(extensions(vendor))
    return schema


def read_document(data):
    definitions, paths = {}, {}
    for number, value in fields(data):
        if number == 9:
            for _, item in fields(value):
                name, schema = named(item)
                definitions[name] = read_schema(schema)
        elif number == 8:
            for inner, item in fields(value):
                if inner == 2:
                    name, path = named(item)
                    paths[name] = dict(fields(path))
    return definitions, paths


def read_scopes(paths):
    """Which kinds have a path with a namespace, by the kind that a GET of the path returns."""
    scopes = {}
    for path, item in paths.items():
        if 2 not in item:
            continue
        vendor = extensions(value for number, value in fields(item[2]) if number == 13)
        kind = vendor.get('x-kubernetes-group-version-kind')
        if not kind:
            continue
        key = type_key(kind)
        scopes[key] = scopes.get(key, False) or 'namespaces/{namespace}' in path
    return scopes


def type_key(kind):
    group, version = kind.get('group', ''), kind['version']
    return (f'{group}/{version}' if group else version, kind['kind'])


# ---- tables ----

NONE = 0xFFFF


class Tables:
    """Types are numbered: first the definitions, by name, then what is written inside of them."""

    def __init__(self, definitions):
        self.definitions = definitions
        self.names = sorted(definitions)
        self.number = {name: i for i, name in enumerate(self.names)}
        self.rows = [None] * len(self.names)
        self.inner = {}
        self.key_lists = [None, ()]
        self.texts = {}
        self.size = 0
        for i, name in enumerate(self.names):
            self.rows[i] = self.row(definitions[name])

    def resolve(self, schema):
        while '$ref' in schema:
            name = schema['$ref'].removeprefix('#/definitions/')
            if '$ref' not in self.definitions[name]:
                return self.number[name]
            schema = self.definitions[name]
        return None

    def type_of(self, schema):
        number = self.resolve(schema)
        if number is not None:
            return number
        row = self.row(schema)
        if row not in self.inner:
            self.inner[row] = len(self.rows)
            self.rows.append(row)
        return self.inner[row]

    def row(self, schema):
        props = tuple((name, self.type_of(schema['properties'][name]))
                      for name in sorted(schema.get('properties', {})))
        values = self.type_of(schema['additionalProperties']) \
            if isinstance(schema.get('additionalProperties'), dict) else NONE
        kind = schema.get('type', [])
        items = NONE
        if kind in (['array'], 'array') and 'items' in schema:
            items = self.type_of(schema['items'])
        return props, values, items, self.keys(schema)

    def keys(self, schema):
        strategy = schema.get('x-kubernetes-patch-strategy')
        if strategy is None or 'merge' not in strategy.split(','):
            return 0
        keys = schema.get('x-kubernetes-list-map-keys')
        if keys is None:
            key = schema.get('x-kubernetes-patch-merge-key')
            keys = [] if key is None else [key]
        if tuple(keys) not in self.key_lists:
            self.key_lists.append(tuple(keys))
        return self.key_lists.index(tuple(keys))

    def text(self, text):
        """Its place among the texts, which are put down once each, and its length."""
        if text not in self.texts:
            assert self.size < 1 << 16 and len(text) < 1 << 8
            self.texts[text] = self.size << 8 | len(text)
            self.size += len(text)
        return self.texts[text]


def lines_of(items, indent=4, width=98):
    line = ' ' * indent
    for item in items:
        if len(line) + len(item) + 1 > width:
            yield line.rstrip()
            line = ' ' * indent
        line += item + ' '
    if line.strip():
        yield line.rstrip()


def check_sorted(rows):
    assert list(rows) == sorted(set(rows)), 'not sorted'
    return rows


def write(tables, kinds, scopes, out):
    props, types = [], []
    for row in tables.rows:
        types.append((len(props), len(row[0]), row[1], row[2], row[3]))
        props += [(tables.text(name), number) for name, number in row[0]]
    versions = sorted({version for version, _ in list(kinds) + list(scopes)})
    kind_rows = []
    for key in check_sorted(sorted(set(kinds) | set(scopes))):
        scope = {None: 'kUnknown', True: 'kNamespaced', False: 'kCluster'}[scopes.get(key)]
        kind_rows.append((versions.index(key[0]), tables.text(key[1]), kinds.get(key, NONE), scope))
    key_lists = []
    for keys in tables.key_lists[2:]:
        assert 1 <= len(keys) <= 2
        key_lists.append([tables.text(key) for key in keys] + [NONE] * (2 - len(keys)))

    def array(kind, name, items):
        out.write(f'const {kind} {name}[] = {{\n')
        out.write('\n'.join(lines_of(items)) + '\n};\n\n')

    names = [tables.text(name) for name in tables.names]
    version_texts = [tables.text(version) for version in versions]
    number = lambda n: 'kNone' if n == NONE else str(n)

    out.write('''\
// Written by tables/schema_tables.py from the OpenAPI schema of Kubernetes 1.21.2 as
// sigs.k8s.io/kustomize/kyaml v0.21.1 carries it (copyright The Kubernetes Authors, Apache-2.0).
// Do not edit.
// clang-format off
#include "templating/kustomize/schema_tables.h"

namespace headgate::templating::kustomize::schema_tables {

''')
    array('Type', 'kTypes', [f'{{{a},{b},{number(c)},{number(d)},{e}}},' for a, b, c, d, e in types])
    array('Field', 'kFields', [f'{{{a},{b}}},' for a, b in props])
    array('KindRow', 'kKinds', [f'{{{a},{b},{number(c)},Scope::{d}}},' for a, b, c, d in kind_rows])
    out.write(f'const uint32_t kKindCount = {len(kind_rows)};\n\n')
    array('uint32_t', 'kVersions', [f'{n},' for n in version_texts])
    out.write(f'const uint32_t kVersionCount = {len(versions)};\n\n')
    array('uint32_t', 'kDefinitions', [f'{n},' for n in names])
    out.write(f'const uint32_t kDefinitionCount = {len(names)};\n\n')
    array('KeyList', 'kKeyLists', ['{%s,%s},' % tuple(map(number, keys)) for keys in key_lists])
    out.write('const char kTexts[] =\n')
    out.write('\n'.join(lines_of([f'"{text}"' for text in tables.texts])) + ';\n\n')
    out.write('}  // namespace headgate::templating::kustomize::schema_tables\n')


def main():
    with open(sys.argv[1], 'rb') as file:
        definitions, paths = read_document(file.read())
    with open(sys.argv[2]) as file:
        definitions.update(json.load(file)['definitions'])
    tables = Tables(definitions)
    kinds = {}
    for name, schema in definitions.items():
        for kind in schema.get('x-kubernetes-group-version-kind', []):
            assert type_key(kind) not in kinds, kind
            kinds[type_key(kind)] = tables.number[name]
    write(tables, kinds, read_scopes(paths), sys.stdout)


if __name__ == '__main__':
    main()
