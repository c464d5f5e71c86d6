"""Artefacts as relations of an in-memory DuckDB, and invariants over them: each row that a query returns violates one.

How the columns look, format by format:

=========  =============================================================================================
json       one row a document, or, with ``pointer``, one row an item of the array there
document   as json, of files in JSON, TOML or YAML 1.2 by their suffix
jsonl      one row a line
csv        one row a record below the header; text, unless ``columns`` gives a type; an empty typed cell is NULL
parquet    as the file declares them; all files of a relation must declare the same
sqlite     one row a row of ``table``; a BLOB becomes its lower-case hex text
states     the merged states of a stream of JSONL payloads: one row a state, or, with ``pointer``, one row a match in it
=========  =============================================================================================

Every relation has two more columns: ``file``, the relative name, and ``place``, the row's place as findings write it
(``a.jsonl:7``, ``a.json``, ``a.json#/bars/3``, ``a.db/orders/row 7``, ``a.parquet/row 7``). An artefact with a column
of that name is a finding.

A row of ``states`` has the columns ``tick``, ``keys`` (what each ``*`` of the pointer matched, a list of texts) and
``value``. Its place is where the payload of that tick writes the value, and the payload's line alone where an earlier
payload wrote it.

The keys of an object are columns, objects in them are STRUCTs (``summary.trade_count``), arrays are LISTs, and a value
that is no object is the one column ``value``. Types come from the values of all files together: BOOLEAN, VARCHAR,
BIGINT (HUGEINT where needed, beyond that a finding), DOUBLE where at least one number has a fraction or an exponent. An
integer among them that a double cannot hold is a finding, and so are two types in one column: nothing is converted. A
key that is missing is NULL, as null is. A column with nothing but nulls has the type NULL, which compares with
everything. ``columns`` declares a type by dotted path (``*`` for the items of an array): it is demanded of the values,
and the column exists even where no file has it; ``json`` keeps whatever is there as JSON.

NULL. A comparison with NULL is neither true nor false, so the row that holds it is not returned and the violation is
lost. Therefore a column that a query computes or compares with must hold no NULL: each such column is a finding
``invariants.null``. It is excused where the query itself asks for NULL (``IS NULL``, ``coalesce``,
``IS DISTINCT FROM``), where the invariant names it in ``nullable``, or where it is merely shown in the outermost
select list. Where only some records have a column, as in a log of many kinds of events, ``only`` makes a relation of
those that must have it, which is better than an excuse. What a query unnests first is not seen by this rule.
"""
