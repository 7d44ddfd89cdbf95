"""The Parquet files of an archive: their columns, and replies to and from them without a detour by objects."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json
import pyarrow.parquet as pq

from lib.answers.reply import SCHEMA_VERSION, STATUSES, Reply
from lib.errors import StudyError
from lib.materials.questions import LISTED, QUESTION

ANSWER = list(Reply._fields)
_NEW_COLUMNS = {"order": LISTED, "response": None, "tokens_out": 0}
SCHEMA = pa.schema(
    [
        *((name, pa.dictionary(pa.int16(), pa.string())) for name in QUESTION[:-1]),
        ("replicate", pa.int32()),
        ("status", pa.dictionary(pa.int8(), pa.string())),
        ("logprob", pa.float32()),
        ("probabilities", pa.list_(pa.float32())),
        ("unmatched", pa.float32()),
        ("tokens_in", pa.int32()),
        ("tokens_scored", pa.int32()),
        ("message", pa.string()),
        ("response", pa.int8()),
        ("tokens_out", pa.int32()),
        ("key", pa.binary(16)),
    ]
)
#: In memory probabilities keep the precision they came with.
_IN_MEMORY = {"logprob": pa.float64(), "unmatched": pa.float64(), "probabilities": pa.list_(pa.float64())}
LIVE_SCHEMA = pa.schema([field.with_type(_IN_MEMORY.get(field.name, field.type)) for field in SCHEMA])
#: Beyond so many rows the strongest compression would take longer than asking the cache.
SMALL = 300_000

_DEFAULTS = Reply._field_defaults
_JSON_SCHEMA = pa.schema(
    [LIVE_SCHEMA.field(n).with_type(pa.string()) if n == "status" else LIVE_SCHEMA.field(n) for n in ANSWER]
)


def answer_table(questions: pd.DataFrame, keys: Sequence[str], texts: Sequence[str]) -> pa.Table:
    """Returns the answers to some questions, given their request keys and the JSON texts of their replies."""
    lines = pa.py_buffer("\n".join(texts).encode())
    parsing = pa.json.ParseOptions(explicit_schema=_JSON_SCHEMA, unexpected_field_behavior="error")
    replies = pa.json.read_json(pa.BufferReader(lines), parse_options=parsing)
    if strange := {*replies["status"].unique().to_pylist()} - {*STATUSES}:
        raise pa.ArrowInvalid(f"status {strange}")
    columns = {name: _filled(replies[name], _DEFAULTS.get(name)) for name in ANSWER}
    columns |= {name: pa.array(questions[name]) for name in QUESTION}
    columns["key"] = pa.FixedSizeBinaryArray.from_buffers(
        pa.binary(16), len(keys), [None, pa.py_buffer(bytes.fromhex("".join(keys)))]
    )
    arrays = [columns[field.name].cast(field.type) for field in LIVE_SCHEMA]
    return pa.Table.from_arrays(arrays, schema=LIVE_SCHEMA)


def _filled(column: pa.ChunkedArray, default: object) -> pa.ChunkedArray:
    if column.type == pa.string() and default is None:
        return column.dictionary_encode()
    return column if default is None else pc.fill_null(column, default)


def json_texts(batch: pa.RecordBatch) -> dict[str, str]:
    """The replies as `Reply.from_json` reads them, by key; columns that say nothing are left out."""
    names = [n for n in ANSWER if n != "status" and not _says_nothing(batch.column(n), n)]
    members = [_member(name, batch.column(name)) for name in names]
    status = batch.column("status").cast(pa.string())
    texts = pc.binary_join_element_wise('{"status":"', status, '"', *members, "}", "", null_handling="skip")
    return dict(zip(hex_keys(batch.column("key")), texts.to_pylist(), strict=True))


def _says_nothing(column: pa.Array, name: str) -> bool:
    default = _DEFAULTS.get(name)
    if column.null_count == len(column):
        return True
    return default is not None and bool(pc.all(pc.equal(column, default)).as_py())


def _member(name: str, column: pa.Array) -> pa.Array:
    """A column as members of JSON objects, `,"name":value`; a missing value stays missing."""
    opening, closing = f',"{name}":', ""
    if pa.types.is_list(column.type):
        opening, closing = f"{opening}[", "]"
        numbers = column.values.cast(pa.string())  # noqa: PD011 - of pyarrow
        joined = pc.binary_join(pa.ListArray.from_arrays(column.offsets, numbers), ",")
        values = pc.if_else(column.is_valid(), joined, None)
    elif pa.types.is_string(column.type):
        words = column.dictionary_encode()
        escaped = [orjson.dumps(word).decode() for word in words.dictionary.to_pylist()]
        values = pa.array(escaped, pa.string()).take(words.indices)
    else:
        values = column.cast(pa.string())
    return pc.binary_join_element_wise(opening, values, closing, "")


def hex_keys(column: pa.Array) -> list[str]:
    """The request keys in a column of 16 bytes each, as 32 hexadecimal digits."""
    together = pa.ListArray.from_arrays([0, len(column)], column.cast(pa.binary()))
    digits = pc.binary_join(together, b"")[0].as_py().hex()
    return [digits[start : start + 32] for start in range(0, len(digits), 32)]


def completed(table: pa.Table) -> pa.Table:
    """The table with the columns that answers recorded before they existed lack, in the order of the schema."""
    for name, default in _NEW_COLUMNS.items():
        if name not in table.column_names:
            table = table.append_column(name, pa.array([default]).take(pa.array(np.zeros(len(table), np.int8))))
    return table.select(SCHEMA.names).cast(SCHEMA)


class Writers:
    """The Parquet files of one model while they are written, by name."""

    def __init__(self, target: Path, stack: ExitStack, level: int, before: Mapping[str, dict[str, Any]]) -> None:
        """Begins; `before` are the manifest's entries of the files recorded before."""
        self.target, self.stack, self.level, self.before = target, stack, level, before
        self.open: dict[str, pq.ParquetWriter] = {}
        self.rows: Counter[str] = Counter()
        self.status: dict[str, Counter[str]] = {}
        self.questions: dict[str, list[np.ndarray]] = {}
        self.answered: dict[str, np.ndarray] = {}

    def add(self, table: pa.Table) -> None:
        """Shares a table's rows out to the files they belong to.

        A request without an answer that was answered before, by another process, is left to `keep`.
        """
        places = table.select(["instrument", "mode"]).to_pandas().groupby(["instrument", "mode"], observed=True)
        for (instrument, mode), rows in places.indices.items():
            name = f"{instrument}_{mode}.parquet"
            part = table if len(rows) == len(table) else table.take(rows)
            lost = _is_error(part) & np.isin(_short_keys(part), self._answered_before(name))
            self._write(name, part.filter(pa.array(~lost)) if lost.any() else part)

    def _answered_before(self, name: str) -> np.ndarray:
        if name not in self.answered:
            recorded = self._recorded(name) if name in self.before else ()
            keys = [_short_keys(table)[~_is_error(table)] for table in recorded]
            self.answered[name] = np.concatenate([np.empty(0, np.uint64), *keys])
        return self.answered[name]

    def _recorded(self, name: str) -> Iterator[pa.Table]:
        check(self.target / name, self.before[name])
        with pq.ParquetFile(self.target / name) as file:
            for batch in file.iter_batches(SMALL):
                yield completed(pa.Table.from_batches([batch]))

    def keep(self) -> None:
        """Adds the answers recorded before to questions that are not among the new ones."""
        for name in self.open.keys() & self.before.keys():
            new = np.sort(np.concatenate(self.questions[name]))
            for old in self._recorded(name):
                other = ~np.isin(_question_hash(old), new)
                if other.any():
                    self._write(name, old.filter(pa.array(other)))

    def finished(self) -> dict[str, dict[str, Any]]:
        """Puts the whole files in place, one right after the other; returns their manifest entries."""
        entries = {name: self._entry(name) for name in self.open}
        for name in entries:
            (self.target / f"{name}.part").replace(self.target / name)
        return entries

    def _write(self, name: str, part: pa.Table) -> None:
        if name not in self.open:
            schema = SCHEMA.with_metadata({"schema_version": str(SCHEMA_VERSION)})
            # Random keys do not compress; a dictionary of them would only cost time.
            self.open[name] = self.stack.enter_context(
                pq.ParquetWriter(
                    self.target / f"{name}.part",
                    schema,
                    compression="zstd",
                    compression_level=self.level,
                    use_dictionary=[*QUESTION, "status", "message", "tokens_in"],
                    use_byte_stream_split=["logprob"],
                )
            )
        self.open[name].write_table(part.cast(self.open[name].schema))
        self.questions.setdefault(name, []).append(_question_hash(part))
        self.rows[name] += len(part)
        counts = pc.value_counts(part["status"].cast(pa.string()))
        self.status.setdefault(name, Counter()).update({c["values"]: c["counts"] for c in counts.to_pylist()})

    def _entry(self, name: str) -> dict[str, Any]:
        return {
            "rows": self.rows[name],
            "status": {s: self.status[name][s] for s in STATUSES},
            "sha256": checksum(self.target / f"{name}.part"),
        }


def _is_error(table: pa.Table) -> np.ndarray:
    return pc.equal(table["status"].cast(pa.string()), "error").to_numpy()


def _short_keys(table: pa.Table) -> np.ndarray:
    """The first half of each request key, which tells millions of requests apart."""
    parts = (
        np.frombuffer(c.buffers()[1], np.uint64)[2 * c.offset : 2 * (c.offset + len(c)) : 2]
        for c in table["key"].chunks
    )
    return np.concatenate([np.empty(0, np.uint64), *parts])


def _question_hash(table: pa.Table) -> np.ndarray:
    """A number of 64 bits for each row's question, so that five million are compared in 40 MB."""
    questions = table.select(QUESTION).to_pandas()
    return pd.util.hash_pandas_object(questions.astype({"replicate": "int64"}), index=False).to_numpy()


def check(path: Path, entry: dict[str, Any]) -> None:
    """Raises StudyError unless the file is the one its manifest entry describes."""
    repair = f"Restore it (git checkout -- {path}), or remove the folder and ask again (make ask)."
    if not path.exists():
        raise StudyError(f"{path} is missing, though its manifest names it. {repair}")
    if checksum(path) != entry["sha256"]:
        raise StudyError(f"{path} is not the file that was recorded: altered or cut short. {repair}")


def checksum(path: Path) -> str:
    """Returns a file's SHA-256 in hexadecimal digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
