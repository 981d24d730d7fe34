"""What is inside a collection: its plugins, roles and playbooks, and what they say of themselves.

The names of the content types, the order and the form of the documentation are galaxy-importer's,
which clients know.
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field, replace
from typing import Any

from cartwheel.kit.doc_fragments import Fragments, Lookup, Texts, nowhere, read_fragment
from cartwheel.kit.markdown import to_html
from cartwheel.kit.plugin_docs import (
    SOURCE_LIMIT,
    Place,
    PluginDocs,
    finished,
    from_python,
    from_yaml,
)
from cartwheel.kit.texts import storable
from cartwheel.kit.versions_added import note_collection
from cartwheel.kit.yaml_text import BadYaml, Budget, load, top_text

README_LIMIT = 512 << 10  # bytes; a larger README or document is left out
TEXTS_LIMIT = 1 << 20  # bytes of all of them that are rendered
SOURCES_LIMIT = 128 << 20  # bytes of sources with documentation that are read
DOCS_LIMIT = 64 << 20  # what may come out of them, see yaml_text.Budget

# Folders of plugins, and what a plugin in it is called. Only documented types have documentation to read.
TYPES = {
    "action": "action",
    "become": "become",
    "cache": "cache",
    "callback": "callback",
    "cliconf": "cliconf",
    "connection": "connection",
    "doc_fragments": "doc_fragments",
    "filter": "filter",
    "httpapi": "httpapi",
    "inventory": "inventory",
    "lookup": "lookup",
    "modules": "module",
    "module_utils": "module_utils",
    "netconf": "netconf",
    "shell": "shell",
    "strategy": "strategy",
    "sub_plugins": "sub_plugins",
    "terminal": "terminal",
    "test": "test",
    "vars": "vars",
}
UNDOCUMENTED = frozenset({"action", "doc_fragments", "module_utils", "sub_plugins", "terminal"})
ORDER = sorted([*TYPES.values(), "playbook", "role"])
ROLE_FOLDERS = frozenset({"defaults", "handlers", "meta", "tasks", "vars"})


@dataclass
class _Item:
    """One plugin, role or playbook."""

    type: str
    name: str
    path: str = ""
    description: str | None = None
    docs: PluginDocs | None = None
    docs_path: str = ""  # where they are read from: the plugin itself, or the file beside it


@dataclass(frozen=True)
class Contents:
    """What the hub keeps of what is inside a collection. `warnings` are sentences for its author."""

    requires_ansible: str | None
    contents: list[dict[str, Any]]  # [{"name": ..., "content_type": ..., "description": ...}]
    docs_blob: dict[str, Any]
    warnings: list[str]
    doc_fragments: dict[str, Texts] = field(default_factory=dict)  # of this collection, for others too


@dataclass
class ContentsReader:
    """Takes the files of a collection as they pass by, in any order; then `result` tells what is inside."""

    fragments_elsewhere: Lookup = nowhere  # finds doc fragments of other collections
    warnings: list[str] = field(default_factory=list)
    _fragments: dict[str, Texts] = field(default_factory=dict)
    _items: dict[tuple[str, str], _Item] = field(default_factory=dict)
    _texts: dict[str, str] = field(default_factory=dict)  # README.md and docs/*.md
    _role_readmes: dict[str, str] = field(default_factory=dict)
    _requires_ansible: str | None = None
    _redirects: dict[str, str] = field(default_factory=dict)  # module -> the action plugin of another name
    _budget: Budget = field(default_factory=lambda: Budget(DOCS_LIMIT))
    _texts_size: int = 0
    _sources_size: int = 0

    def wants(self, path: str, size: int) -> bool:
        """Is there something to read in this file? Also notes that it is there."""
        folder, _, rest = path.partition("/")
        if folder == "plugins" and rest:
            return self._wants_plugin(path, size)
        if folder == "roles":
            return self._wants_of_role(rest, size)
        if folder == "playbooks" and _is_yaml(rest) and "/" not in rest:
            self._item("playbook", posixpath.splitext(rest)[0]).path = path
            return False
        is_document = folder == "docs" and "/" not in rest and rest.endswith(".md")
        if path == "README.md" or is_document:
            return self._has_room_for_text(path, size)
        return path in ("meta/runtime.yml", "meta/runtime.yaml") and size <= SOURCE_LIMIT

    def take(self, path: str, content: bytes) -> None:
        """Read a file that was wanted."""
        try:
            if path.startswith("plugins/"):
                self._take_plugin(path, content)
            elif path.startswith("roles/"):
                self._take_of_role(path, content)
            elif path.endswith(".md"):
                self._texts[path] = _decoded(content)
            else:
                self._requires_ansible = _requires_ansible(content)
                self._redirects = _action_redirects(content, self._budget)
        except BadYaml as problem:
            self.warnings.append(f"{path} is left out of the documentation: {problem}.")

    def result(self, collection: str) -> Contents:
        """All that was found, in the order that clients know. `collection` is namespace.name."""
        items = sorted(self._items.values(), key=lambda item: (ORDER.index(item.type), item.name))
        actions = self._actions(collection)
        self._merge_fragments(collection, items)
        return Contents(
            requires_ansible=self._requires_ansible,
            contents=[
                {"name": item.name, "content_type": item.type, "description": item.description}
                for item in items
            ],
            docs_blob={
                "contents": [self._documented(item, collection, item.name in actions) for item in items],
                "collection_readme": {
                    "name": "README.md" if "README.md" in self._texts else "",
                    "html": to_html(self._texts.get("README.md", "")),
                },
                "documentation_files": [
                    {"name": posixpath.basename(path), "html": to_html(text)}
                    for path, text in sorted(self._texts.items())
                    if path != "README.md"
                ],
            },
            warnings=self.warnings,
            doc_fragments=self._fragments,
        )

    def _actions(self, collection: str) -> set[str]:
        """The modules that have an action plugin. Those of other collections are believed to be there."""
        own = {name for kind, name in self._items if kind == "action"}
        start = f"{collection}."
        return own | {
            module
            for module, target in self._redirects.items()
            if target.removeprefix(start) in own or not target.startswith(start)
        }

    def _merge_fragments(self, collection: str, items: list[_Item]) -> None:
        fragments = Fragments(collection, self._fragments, self.fragments_elsewhere, self._budget)
        for item in items:
            if item.docs is None:
                continue
            # Before others' options are merged in: what stands here is of this collection.
            note_collection(item.docs.documentation, collection, is_module=item.type == "module")
            try:
                merged, unknown = fragments.merged(item.docs.documentation, is_module=item.type == "module")
            except BadYaml as problem:
                self.warnings.append(f"{item.docs_path} is documented without its doc fragments: {problem}.")
                continue
            item.docs = replace(item.docs, documentation=merged)
            if unknown:
                self.warnings.append(
                    f"{item.docs_path} extends doc fragments that are not known: {', '.join(unknown)}."
                )

    def _documented(self, item: _Item, collection: str, has_action: bool) -> dict[str, Any]:
        place = Place(collection, item.docs_path, item.name, has_action if item.type == "module" else None)
        readme = self._role_readmes.get(item.name) if item.type == "role" else None
        return {
            "content_name": item.name,
            "content_type": item.type,
            "doc_strings": finished(item.docs, place) if item.docs else {},
            "readme_file": None if readme is None else "README.md",
            "readme_html": None if readme is None else to_html(readme),
        }

    def _item(self, kind: str, name: str) -> _Item:
        return self._items.setdefault((kind, name), _Item(kind, name))

    def _has_room_for_text(self, path: str, size: int) -> bool:
        if size > README_LIMIT or self._texts_size + size > TEXTS_LIMIT:
            self.warnings.append(f"{path} is left out of the documentation: it is too long.")
            return False
        self._texts_size += size
        return True

    def _wants_plugin(self, path: str, size: int) -> bool:
        item = self._plugin(path)
        is_fragment = item is not None and item.type == "doc_fragments" and path.endswith(".py")
        if item is None or (item.type in UNDOCUMENTED and not is_fragment):
            return False
        if size > SOURCE_LIMIT or self._sources_size + size > SOURCES_LIMIT:
            self.warnings.append(f"{path} is left out of the documentation: it is too long.")
            return False
        self._sources_size += size
        return True

    def _plugin(self, path: str) -> _Item | None:
        """The plugin that a path below plugins/ stands for: plugins/modules/net/ping.py is net.ping."""
        _, folder, *inner = path.split("/")
        if folder not in TYPES or not inner:
            return None
        *folders, file = inner
        stem, extension = posixpath.splitext(file)
        if extension not in (".py", ".yml", ".yaml") or stem == "__init__":
            return None
        item = self._item(TYPES[folder], ".".join([*folders, stem]))
        if not item.path or extension == ".py":
            item.path = path
        return item

    def _take_plugin(self, path: str, content: bytes) -> None:
        item = self._plugin(path)
        if item is None:
            return
        if item.type == "doc_fragments":
            self._take_fragment(item.name, content)
            return
        is_python = path.endswith(".py")
        docs = (from_python if is_python else from_yaml)(content, self._budget)
        if docs is not None and (is_python or item.docs is None):  # the file beside it is asked last
            item.docs, item.docs_path, item.description = docs, path, docs.summary

    def _take_fragment(self, name: str, content: bytes) -> None:
        texts = {variable: storable(text) for variable, text in read_fragment(content, self._budget).items()}
        self._budget.spend(sum(len(text) for text in texts.values()))
        if texts:
            self._fragments[name] = texts

    def _wants_of_role(self, rest: str, size: int) -> bool:
        name, _, inner = rest.partition("/")
        folder, _, file = inner.partition("/")
        if file and folder in ROLE_FOLDERS:
            self._item("role", name).path = f"roles/{name}"
        if inner == "README.md":
            return self._has_room_for_text(f"roles/{rest}", size)
        return inner in ("meta/main.yml", "meta/main.yaml") and size <= SOURCE_LIMIT

    def _take_of_role(self, path: str, content: bytes) -> None:
        name = path.split("/")[1]
        if path.endswith("/README.md"):
            self._role_readmes[name] = _decoded(content)
            return
        said = load(_decoded(content), budget=self._budget)
        about = said.get("galaxy_info") if isinstance(said, dict) else None
        description = about.get("description") if isinstance(about, dict) else None
        if isinstance(description, str):
            self._item("role", name).description = description


def _requires_ansible(content: bytes) -> str | None:
    text = top_text(_decoded(content), "requires_ansible")
    if text is None:
        return None
    if len(text) > 255:
        raise BadYaml("requires_ansible is longer than 255 characters")
    return storable(text)


def _action_redirects(content: bytes, budget: Budget) -> dict[str, str]:
    """What meta/runtime.yml says of modules whose action plugin has another name: module -> full name."""
    if b"action" not in content:
        return {}
    said = load(_decoded(content), budget=budget)
    routing = said.get("plugin_routing") if isinstance(said, dict) else None
    actions = routing.get("action") if isinstance(routing, dict) else None
    found = actions.items() if isinstance(actions, dict) else ()
    targets = {name: where.get("redirect") for name, where in found if isinstance(where, dict)}
    return {name: target for name, target in targets.items() if isinstance(target, str) and target}


def _decoded(content: bytes) -> str:
    return storable(content.decode("utf-8-sig", "replace"))


def _is_yaml(path: str) -> bool:
    return path.endswith((".yml", ".yaml"))
