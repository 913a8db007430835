"""Writes the Parquet files of this folder with pyarrow 25: the same rows under every codec, page version and encoding.

Row i is a function of i alone, which ParquetSourceTest computes again. Run it in this folder.
"""

import datetime
import decimal

import pyarrow as pa
import pyarrow.parquet as pq

ROWS = 200
EPOCH_MS = 978_307_200_000  # 2001-01-01
BASE = datetime.datetime(2001, 1, 1)


def at(i):
    return BASE + datetime.timedelta(milliseconds=i * 60_001)


def column(values, kind):
    return pa.array(values, type=kind)


def table(rows):
    n = range(rows)
    return pa.table(
        {
            "id": column([i * 7919 - 500_000_000_000 for i in n], pa.int64()),
            "small": column([None if i % 11 == 0 else i * 3 - 100 for i in n], pa.int32()),
            "real_number": column([i / 8 for i in n], pa.float64()),
            "single": column([i / 4 + 0.1 for i in n], pa.float32()),
            "flag": column([i % 3 == 0 for i in n], pa.bool_()),
            "code": column(["ABCDEFG"[i % 7] * 3 for i in n], pa.string()),
            "name": column([f"n{i}-ä€😀" for i in n], pa.string()),
            "day": column([datetime.date(2000, 2, 14) + datetime.timedelta(days=i) for i in n], pa.date32()),
            "at_millis": column([at(i) for i in n], pa.timestamp("ms")),
            "at_micros": column([at(i) for i in n], pa.timestamp("us")),
            "at_nanos": column([at(i) for i in n], pa.timestamp("ns")),
            "at_utc": column([at(i) for i in n], pa.timestamp("us", tz="UTC")),
            "price": column([decimal.Decimal(i * 125) / 100 for i in n], pa.decimal128(9, 2)),
            "unsigned": column([4_000_000_000 + i for i in n], pa.uint32()),
            "list": column([[i, i + 1] for i in n], pa.list_(pa.int32())),
        }
    )


def write(name, rows=ROWS, **options):
    options.setdefault("data_page_size", 400)
    pq.write_table(table(rows), name + ".parquet", row_group_size=70, store_schema=False, **options)


write("plain", compression="none", use_dictionary=False)
write("snappy", compression="snappy")
write("gzip", compression="gzip")
write("zstd", compression="zstd", compression_level=19)
write("lz4", compression="lz4")
write("zstd-v2", compression="zstd", data_page_version="2.0")
write("checksum", compression="zstd", write_page_checksum=True)
write(
    "delta",
    compression="snappy",
    use_dictionary=False,
    data_page_version="2.0",
    column_encoding={
        "id": "DELTA_BINARY_PACKED",
        "small": "DELTA_BINARY_PACKED",
        "code": "DELTA_BYTE_ARRAY",
        "name": "DELTA_LENGTH_BYTE_ARRAY",
        "real_number": "BYTE_STREAM_SPLIT",
    },
)
write("int96", compression="none", use_deprecated_int96_timestamps=True)
write("brotli", rows=5, compression="brotli")
pq.write_table(
    table(25).select(["id", "code", "at_micros"]),
    "tiny.parquet",
    row_group_size=10,
    store_schema=False,
    compression="zstd",
    write_page_checksum=True,
)
