"""Antiphon's records in Python: values of the topics to dictionaries and back (needs fastavro).

    value = Records(folder).encode("ConversationEvent", {"conversationId": "c", ...})
    record = Records(folder).decode(value)      # None: a later release wrote it, skip and count it

Folder: the released schemas, kafka-schemas/src/main/resources/io/antiphon/schemas, or what the topic antiphon-schemas holds.
In a union with several records give ("io.antiphon.schemas.TurnEnded", {}); decoded ones come back in the same form.
As a program it reads one value from standard input: "decode FOLDER" prints JSON, "encode FOLDER RECORD" takes JSON.
"""
import io, json, pathlib, sys
import fastavro
from fastavro.schema import fingerprint, to_parsing_canonical_form

MARKER = b"\xc3\x01"


class Records:
    def __init__(self, folder):
        self.by_fingerprint, self.newest = {}, {}
        for path in sorted(pathlib.Path(folder).glob("v*/*.avsc"), key=lambda p: int(p.parent.name[1:])):
            self.add(json.loads(path.read_text("utf-8")))

    def add(self, schema):
        """Learns a schema, for example a value of the topic antiphon-schemas."""
        key = bytes.fromhex(fingerprint(to_parsing_canonical_form(schema), "CRC-64-AVRO"))
        self.by_fingerprint[key] = fastavro.parse_schema(schema, _write_hint=False)
        self.newest[schema["name"].split(".")[-1]] = key

    def encode(self, record, fields):
        body, key = io.BytesIO(), self.newest[record]
        fastavro.schemaless_writer(body, self.by_fingerprint[key], fields)
        return MARKER + key + body.getvalue()

    def decode(self, value):
        if value[:2] != MARKER:
            raise ValueError("no Avro single-object encoding: the value does not begin with C3 01")
        schema = self.by_fingerprint.get(value[2:10])
        return schema and fastavro.schemaless_reader(io.BytesIO(value[10:]), schema, None, return_record_name=True)


if __name__ == "__main__":
    records = Records(sys.argv[2])
    if sys.argv[1] == "encode":
        fields = json.load(sys.stdin)
        if isinstance(fields.get("body"), list):
            fields["body"] = tuple(fields["body"])
        sys.stdout.buffer.write(records.encode(sys.argv[3], fields))
    else:
        print(json.dumps(records.decode(sys.stdin.buffer.read()), default=str))
