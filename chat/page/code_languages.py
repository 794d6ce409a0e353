"""The languages in which code is coloured, by the words behind the fences of Markdown."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

#: What the page calls a language, and the words for it, of which Pygments knows the first. Each language's lexer has
#: been tried on hostile text: the time of any single step is proportional to the length of the code.
_WORDS = {
    "Bash": "bash sh shell zsh console shell-session shellsession terminal",
    "C": "c h",
    "C#": "csharp c# cs",
    "C++": "cpp c++ cc cxx hpp",
    "Clojure": "clojure clj",
    "CSS": "css",
    "Dart": "dart",
    "Diff": "diff patch udiff",
    "Docker": "docker dockerfile",
    "Elixir": "elixir ex exs",
    "Erlang": "erlang erl",
    "Go": "go golang",
    "GraphQL": "graphql gql",
    "Groovy": "groovy gradle",
    "Haskell": "haskell hs",
    "HTML": "html htm xhtml",
    "Java": "java",
    "JavaScript": "javascript js mjs cjs node",
    "JSON": "json jsonc json5 jsonl",
    "JSX": "jsx",
    "Julia": "julia jl",
    "Kotlin": "kotlin kt kts",
    "LaTeX": "tex latex",
    "Lua": "lua",
    "Make": "make makefile mf",
    "Nginx": "nginx",
    "Nix": "nix",
    "OCaml": "ocaml ml",
    "Perl": "perl pl",
    "PHP": "php",
    "PowerShell": "powershell pwsh ps1 posh",
    "Protocol Buffers": "protobuf proto",
    "Python": "python py python3 py3 pycon ipython",
    "R": "r rlang",
    "Ruby": "ruby rb",
    "Rust": "rust rs",
    "Scala": "scala",
    "SCSS": "scss",
    "SQL": "sql mysql postgresql postgres psql sqlite",
    "Swift": "swift",
    "Terraform": "terraform tf hcl",
    "TOML": "toml",
    "TSX": "tsx",
    "TypeScript": "typescript ts mts cts",
    "XML": "xml svg xsd xsl",
    "YAML": "yaml yml",
    "Zig": "zig",
}

#: Pygments' name for each language.
LEXERS: Mapping[str, str] = MappingProxyType({language: words.split()[0] for language, words in _WORDS.items()})

_LANGUAGES = {word: language for language, words in _WORDS.items() for word in words.split()}
#: Also as in ``{.python}``, ``python:app.py`` and ``js{1,3}``.
_WORD = re.compile(r"[ \t]*\{?\.?([\w+#-]+)")
_FENCE = re.compile(r"^[ \t>*+\-\d.)]*(?:`{3,}|~{3,})(.*)", re.MULTILINE)


def language_of(info: str) -> str | None:
    """The language that ``info``, the text behind a fence, begins with; None if it is not a known one."""
    word = _WORD.match(info)
    return _LANGUAGES.get(word[1].lower()) if word else None


def has_language(text: str) -> bool:
    """Whether ``text`` may have code in a known language."""
    return any(language_of(info) for info in _FENCE.findall(text))
